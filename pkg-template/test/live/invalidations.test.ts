// @vitest-environment node
import { describe, expect, it, vi } from 'vitest'
import { focusManager, QueryObserver } from 'samekey'
import type { LiveInvalidation } from 'samekey/live'
import { queryKeys } from 'samekey/shadower'
import { Page, pause, soon } from './page'

const page = new Page()

describe('an invalidation', () => {
  it('fetches what is on screen again and marks the rest, and leaves what it does not match', async () => {
    const [shown, other] = [await page.watched(queryKeys.kpis('ws1')), await page.watched(queryKeys.kpis('ws2'))]
    page.client.setQueryData(queryKeys.executive('ws1', '7d'), {} as never)
    await page.connected()
    page.server.invalidate(['exec:*:ws1:*', 'exec:kpis:ws1'], 'agent_run_completed')
    await soon(() => expect(shown.fetches).toBe(2))
    expect(page.client.getQueryState(queryKeys.executive('ws1', '7d'))!.isInvalidated).toBe(true)
    expect([other.fetches, other.state.isInvalidated]).toEqual([1, false])
  })

  it('reaches keys that no schema made', async () => {
    const shown = await page.watched(['todos', 'ws1', 7])
    await page.connected()
    page.server.invalidate(['todos:ws1:*'])
    await soon(() => expect(shown.fetches).toBe(2))
  })

  it('is told to who asks, with its reason', async () => {
    const events: LiveInvalidation[] = []
    const opened = await page.connected({ onInvalidate: (event) => events.push(event) })
    page.server.invalidate(['exec:kpis:ws1'], 'credit_transaction')
    await soon(() => expect(events).toEqual([{ id: '101-0', patterns: ['exec:kpis:ws1'], reason: 'credit_transaction' }]))
    expect(opened.lastEventId).toBe('101-0')
  })

  it('makes another fetch follow the one under way, whose answer may be older', async () => {
    const answers: Array<(data: string) => void> = []
    const queryKey = queryKeys.kpis('ws1')
    const queryFn = () => new Promise<never>((resolve) => answers.push(resolve as never))
    page.cleanups.push(new QueryObserver(page.client, { queryKey, queryFn }).subscribe(() => {}))
    const done = vi.fn()
    await page.connected({ onInvalidate: done })
    page.server.invalidate(['exec:kpis:ws1'])
    await soon(() => expect(done).toHaveBeenCalled())
    expect(answers).toHaveLength(1)
    answers[0]!('old')
    await soon(() => expect(answers).toHaveLength(2))
    expect(page.client.getQueryState(queryKey)!.isInvalidated).toBe(true)
    answers[1]!('new')
    await soon(() => expect(page.client.getQueryState(queryKey)).toMatchObject({ data: 'new', isInvalidated: false, fetchStatus: 'idle' }))
    expect(answers).toHaveLength(2)
  })

  it('that is one of a hundred costs no hundred fetches', async () => {
    const shown = await page.watched(queryKeys.kpis('ws1'))
    const done = vi.fn()
    await page.connected({ onInvalidate: done })
    const begun = Date.now()
    for (let i = 0; i < 100; i++) page.server.invalidate(['exec:kpis:ws1'])
    await soon(() => expect(done).toHaveBeenCalledTimes(100))
    await soon(() => expect(shown.state.isInvalidated).toBe(false))
    await pause(250)
    expect(shown.fetches).toBeGreaterThan(1)
    // The first and what is there already when it comes; then one in each tenth of a second, of which a busy machine needs more.
    expect(shown.fetches).toBeLessThanOrEqual(4 + (Date.now() - begun - 250) / 100)
    expect(shown.state.isInvalidated).toBe(false)
  })

  it('that matches one query by two patterns fetches it once', async () => {
    const shown = await page.watched(queryKeys.kpis('ws1'))
    await page.connected()
    page.server.invalidate(['exec:kpis:ws1', 'exec:*:ws1', 'exec:*'])
    await soon(() => expect(shown.fetches).toBe(2))
    await pause(200)
    expect(shown.fetches).toBe(2)
  })

  it('that cannot be read may mean anything', async () => {
    const shown = await page.watched(queryKeys.kpis('ws1'))
    await page.connected()
    for (const data of ['nonsense', '{"patterns":"exec:*"}', '{"patterns":["exec:[a]"]}']) {
      const before = shown.fetches
      page.server.last.write(`event: invalidate\ndata: ${data}\n\n`)
      await soon(() => expect(shown.fetches).toBe(before + 1))
      await pause(120)
    }
  })

  it('waits for a hidden page to be seen', async () => {
    const shown = await page.watched(queryKeys.kpis('ws1'))
    await page.connected()
    focusManager.setFocused(false)
    page.server.invalidate(['exec:*'])
    await soon(() => expect(shown.state.isInvalidated).toBe(true))
    await pause(50)
    expect(shown.fetches).toBe(1)
    focusManager.setFocused(true)
    await soon(() => expect(shown.fetches).toBe(2))
  })
})

describe('frames', () => {
  const text = 'id: 9-1\r\nevent: invalidate\r\ndata: {"patterns":["exec:kpis:Zürich-🏔"],\r\ndata: "reason":"x"}\r\n\r\n: beat\r\n\r\n'

  it('may be cut anywhere', async () => {
    const bytes = new TextEncoder().encode(text)
    const shown = await page.watched(queryKeys.kpis('Zürich-🏔'))
    const opened = await page.connected()
    for (let cut = 1; cut < bytes.length; cut += 7) {
      const before = shown.fetches
      page.server.last.write(bytes.slice(0, cut))
      await pause(5)
      page.server.last.write(bytes.slice(cut))
      await soon(() => expect(shown.fetches).toBe(before + 1))
      // What comes within a tenth of a second is gathered.
      await pause(101)
    }
    expect(opened.lastEventId).toBe('9-1')
  })

  it('may come byte by byte', async () => {
    const shown = await page.watched(queryKeys.kpis('Zürich-🏔'))
    await page.connected()
    for (const byte of new TextEncoder().encode(text)) {
      page.server.last.write(Uint8Array.of(byte))
      await pause(0)
    }
    await soon(() => expect(shown.fetches).toBe(2))
  })

  it('of kinds and with fields that are not known are passed over', async () => {
    const shown = await page.watched(queryKeys.kpis('ws1'))
    const opened = await page.connected()
    page.server.last.write('event: weather\ncolour: blue\ndata: {}\n\ndata\n\nnonsense\n\n')
    page.server.invalidate(['exec:*'])
    await soon(() => expect(shown.fetches).toBe(2))
    expect([opened.status, page.server.visits.length]).toEqual(['open', 1])
  })

  it('that only move the place on are resumed from', async () => {
    const opened = await page.connected()
    page.server.last.write(': beat\nid: 140-0\nevent: beat\ndata\n\n')
    await soon(() => expect(opened.lastEventId).toBe('140-0'))
  })

  it('that never end do not fill the memory', async () => {
    const opened = await page.connected()
    page.server.last.write('data: ' + 'x'.repeat(2 << 20))
    await soon(() => expect(opened.error?.code).toBe('E_LIVE_NETWORK'))
  })
})
