// @vitest-environment node
import { describe, expect, it } from 'vitest'
import { QueryObserver } from 'samekey'
import { queryKeys } from 'samekey/shadower'
import { Page, pause, soon } from './page'

const page = new Page()

/** The connection breaks, and there is none before the function that this gives is called, however long that takes. */
function away(): () => void {
  page.server.last.write('retry: 10\n\n')
  page.server.status = 503
  page.server.last.break()
  return () => void (page.server.status = 200)
}

describe('what may have been missed', () => {
  it('before the first greeting is fetched again, if the server did not look back', async () => {
    page.server.greeting = { heartbeat_ms: 15_000 }
    const [shown, own] = [await page.watched(queryKeys.kpis('ws1')), await page.watched(['todos'])]
    await page.connected()
    await soon(() => expect(shown.fetches).toBe(2))
    expect(own.fetches).toBe(1)
  })

  it('is not fetched again if it did', async () => {
    const shown = await page.watched(queryKeys.kpis('ws1'))
    await page.connected()
    await pause(50)
    expect(shown.fetches).toBe(1)
  })

  it('during a break is told when the stream is resumed', async () => {
    const shown = await page.watched(queryKeys.kpis('ws1'))
    const opened = await page.connected()
    const back = away()
    await soon(() => expect(opened.status).toBe('waiting'))
    page.server.invalidate(['exec:kpis:ws1'])
    await pause(50)
    expect(shown.fetches).toBe(1)
    back()
    await soon(() => expect(shown.fetches).toBe(2))
    expect(page.server.last.headers['last-event-id']).toBe('100-0')
    expect(page.server.last.url).not.toContain('look_back_ms')
    expect(opened.lastEventId).toBe('101-0')
  })

  it('during a break is told late, and costs one fetch and no more where the data was fetched since', async () => {
    const shown = await page.watched(queryKeys.kpis('ws1'))
    const opened = await page.connected()
    const back = away()
    await soon(() => expect(opened.status).toBe('waiting'))
    page.server.invalidate(['exec:kpis:ws1'])
    await page.client.refetchQueries({ queryKey: queryKeys.kpis('ws1') })
    expect(shown.state).toMatchObject({ data: 2, isInvalidated: false })
    back()
    await soon(() => expect(opened.lastEventId).toBe('101-0'))
    // Whose clock says when it was told, and whose when it was fetched, nobody can compare.
    await soon(() => expect(shown.state).toMatchObject({ data: 3, isInvalidated: false }))
    await pause(250)
    expect(shown.fetches).toBe(3)
  })

  it('is not skipped when the connection breaks between the greeting and what was missed', async () => {
    const shown = await page.watched(queryKeys.kpis('ws1'))
    const opened = await page.connected()
    page.server.last.write('retry: 10\n\n')
    page.server.mute = true
    page.server.last.break()
    page.server.invalidate(['exec:kpis:ws1'])
    await soon(() => expect(page.server.visits).toHaveLength(2))
    page.server.last.write('id: 101-0\nevent: hello\ndata: {"heartbeat_ms":15000}\n\n')
    await soon(() => expect(opened.status).toBe('open'))
    page.server.mute = false
    page.server.last.break()
    await soon(() => expect(shown.fetches).toBe(2))
    expect(page.server.last.headers['last-event-id']).toBe('100-0')
  })

  it('is everything that is covered, if the server says that it cannot know', async () => {
    const [shown, own] = [await page.watched(queryKeys.kpis('ws1')), await page.watched(['todos'])]
    page.client.setQueryData(queryKeys.executive('ws1', '7d'), {} as never)
    const opened = await page.connected()
    page.server.reachesBackTo = 150
    page.server.last.break()
    await soon(() => expect(shown.fetches).toBe(2))
    expect(page.client.getQueryState(queryKeys.executive('ws1', '7d'))!.isInvalidated).toBe(true)
    expect(own.fetches).toBe(1)
    expect(opened.status).toBe('open')
  })

  it('concerns what the application says is covered', async () => {
    const own = await page.watched(['todos', 1])
    await page.connected({ covers: ({ queryKey }) => queryKey[0] === 'todos' })
    page.server.last.write('event: reset\ndata: {"why":"x"}\n\n')
    await soon(() => expect(own.fetches).toBe(2))
  })
})

describe('polling', () => {
  it('rests while the stream is open, goes on when it is lost, and rests again', async () => {
    const shown = await page.watched(queryKeys.kpis('ws1'), { refetchInterval: 20 })
    await soon(() => expect(shown.fetches).toBeGreaterThan(2))
    const opened = await page.connected()
    await pause(30)
    let before = shown.fetches
    await pause(200)
    expect(shown.fetches).toBe(before)
    const back = away()
    await soon(() => expect(opened.status).toBe('waiting'))
    before = shown.fetches
    await soon(() => expect(shown.fetches).toBeGreaterThan(before + 2))
    back()
    await soon(() => expect(opened.status).toBe('open'))
    await pause(30)
    before = shown.fetches
    await pause(200)
    expect(shown.fetches).toBe(before)
  })

  it('rests for queries that come later too, and not for those that the stream does not cover', async () => {
    await page.connected()
    const covered = await page.watched(queryKeys.kpis('ws1'), { refetchInterval: 20 })
    const own = await page.watched(['todos'], { refetchInterval: 20 })
    await soon(() => expect(own.fetches).toBeGreaterThan(5))
    expect(covered.fetches).toBe(1)
  })

  it('goes on when the stream is stopped', async () => {
    const shown = await page.watched(queryKeys.kpis('ws1'), { refetchInterval: 20 })
    const opened = await page.connected()
    opened.stop()
    const before = shown.fetches
    await soon(() => expect(shown.fetches).toBeGreaterThan(before + 2))
  })
})

/** What nobody caught while the test runs. */
function uncaught(): unknown[] {
  const errors: unknown[] = []
  const listen = (error: unknown) => errors.push(error)
  const others = process.listeners('unhandledRejection')
  process.removeAllListeners('unhandledRejection')
  process.on('unhandledRejection', listen)
  page.cleanups.push(() => {
    process.off('unhandledRejection', listen)
    for (const other of others) process.on('unhandledRejection', other)
  })
  return errors
}

describe("a user's function that throws", () => {
  it('while a change is applied costs no other query its turn', async () => {
    const errors = uncaught()
    const all = [await page.watched(queryKeys.kpis('ws1')), await page.watched(queryKeys.kpis('ws2')), await page.watched(queryKeys.kpis('ws3'))]
    await page.connected()
    const fault = new Error('mine')
    page.cleanups.push(
      page.client.getQueryCache().subscribe((event) => {
        if (event.type === 'updated' && event.action.type === 'invalidate') throw fault
      }),
    )
    page.server.invalidate(['exec:*'])
    await soon(() => expect(all.map(({ fetches }) => fetches)).toEqual([2, 2, 2]))
    await soon(() => expect(errors).toContain(fault))
  })

  it('among the options of one query costs no other its turn', async () => {
    const errors = uncaught()
    const shown = await page.watched(queryKeys.kpis('ws1'))
    let fault: Error | undefined
    const enabled = () => {
      if (fault) throw fault
      return false
    }
    page.cleanups.push(new QueryObserver(page.client, { queryKey: ['mine'], enabled }).subscribe(() => {}))
    await page.connected()
    fault = new Error('mine')
    page.server.invalidate(['exec:*'])
    await soon(() => expect(shown.fetches).toBe(2))
    await soon(() => expect(errors).toContain(fault))
    fault = undefined
  })

  it('is told as nobody caught it, and does not end the connection', async () => {
    const errors = uncaught()
    const shown = await page.watched(queryKeys.kpis('ws1'))
    const fault = new Error('mine')
    const opened = await page.connected({
      onInvalidate: () => {
        throw fault
      },
    })
    page.server.invalidate(['exec:*'])
    await soon(() => expect(shown.fetches).toBe(2))
    await soon(() => expect(errors).toEqual([fault]))
    expect([opened.status, page.server.visits.length]).toEqual(['open', 1])
  })

  it('may stop the stream from within', async () => {
    const opened = await page.connected({ onInvalidate: () => opened.stop() })
    page.server.invalidate(['exec:*'])
    await soon(() => expect(opened.status).toBe('stopped'))
    await soon(() => expect(page.server.open).toHaveLength(0))
  })
})
