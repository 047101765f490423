// @vitest-environment node
import { describe, expect, it, vi } from 'vitest'
import { QueryClient, QueryObserver } from 'samekey'
import { live } from 'samekey/live'
import { queryKeys } from 'samekey/shadower'
import { Browser, names, statuses } from './browser'
import { pause, soon } from './page'
import { webLocks } from './webLocks'

const browser = new Browser()

describe('tabs of one browser', () => {
  it('have one connection, and all hear of a change', async () => {
    const all = await browser.openedAndLive(3)
    browser.server.invalidate(['exec:kpis:ws1'])
    await soon(() => expect(all.map(({ fetches }) => fetches)).toEqual([2, 2, 2]))
    expect(all.map(({ stream }) => stream.lastEventId)).toEqual(['101-0', '101-0', '101-0'])
    expect(browser.server.visits).toHaveLength(1)
  })

  it('that are opened at once have one, too', async () => {
    const all = await Promise.all(Array.from({ length: 10 }, () => browser.opened()))
    await soon(() => expect(new Set(statuses(all))).toEqual(new Set(['open'])))
    expect(browser.server.visits).toHaveLength(1)
    await pause(50)
    expect(all.map(({ fetches }) => fetches)).toEqual(Array.from(all, () => 1))
  })

  it('ask for a token once each', async () => {
    const token = vi.fn(() => 'secret')
    await browser.openedAndLive(2, { token })
    expect(token).toHaveBeenCalledTimes(2)
  })

  it('that are opened later need not fetch twice', async () => {
    const all = await browser.openedAndLive(2)
    await pause(50)
    expect(all.map(({ fetches }) => fetches)).toEqual([1, 1])
  })

  it('that are opened later are told of what came after their data', async () => {
    const [first] = await browser.openedAndLive(1)
    const late = await browser.opened({ shareAcrossTabs: 'nobody yet' })
    late.stream.stop()
    browser.server.invalidate(['exec:kpis:ws1'])
    await soon(() => expect(first!.fetches).toBe(2))
    const stream = live(late.client, { url: browser.url })
    browser.tabs.push({ ...late, stream })
    await soon(() => expect(stream.status).toBe('open'))
    await soon(() => expect(late.fetches).toBe(2))
  })

  it('poll as little as the one that is connected', async () => {
    const [, follower] = await browser.openedAndLive(2)
    let polls = 0
    const queryFn = () => Promise.resolve(++polls as never)
    new QueryObserver(follower!.client, { queryKey: queryKeys.kpis('ws2'), queryFn, refetchInterval: 20, staleTime: Infinity }).subscribe(() => {})
    await pause(200)
    expect(polls).toBe(1)
    // There is no connection before it has polled, however long that takes.
    browser.server.status = 503
    browser.server.last.break()
    await soon(() => expect(polls).toBeGreaterThan(2))
  })
})

describe('when the one that leads', () => {
  it('is closed, another goes on where that was heard last', async () => {
    const [first, ...others] = await browser.openedAndLive(3)
    browser.server.invalidate(['exec:revenue:ws1'])
    await soon(() => expect(others.map(({ stream }) => stream.lastEventId)).toEqual(['101-0', '101-0']))
    first!.stream.stop()
    browser.server.invalidate(['exec:kpis:ws1'])
    await soon(() => expect(others.map(({ fetches }) => fetches)).toEqual([2, 2]))
    await soon(() => expect(statuses(others)).toEqual(['open', 'open']))
    expect(browser.server.visits.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, '101-0'])
    expect(browser.server.open).toHaveLength(1)
  })

  it('is closed, one that has heard less is told what it missed', async () => {
    const [first, second, third] = await browser.openedAndLive(3)
    // The third stands still, and misses something.
    third!.page.dispatchEvent(new Event('freeze'))
    expect(third!.stream.status).toBe('waiting')
    browser.server.invalidate(['exec:kpis:ws1'])
    await soon(() => expect(second!.fetches).toBe(2))
    first!.stream.stop()
    await soon(() => expect(browser.server.visits).toHaveLength(2))
    await soon(() => expect(second!.stream.status).toBe('open'))
    expect(third!.fetches).toBe(1)
    third!.page.dispatchEvent(new Event('resume'))
    await soon(() => expect(third!.fetches).toBe(2))
    expect([third!.stream.status, third!.stream.lastEventId]).toEqual(['open', '101-0'])
    expect(browser.server.open).toHaveLength(1)
  })

  it('is left or frozen, another leads, and it follows when it goes on', async () => {
    for (const [still, goesOn] of [
      ['pagehide', 'pageshow'],
      ['freeze', 'resume'],
    ] as const) {
      const [first, second] = await browser.openedAndLive(2)
      const visits = browser.server.visits.length
      first!.page.dispatchEvent(new Event(still))
      browser.server.invalidate(['exec:kpis:ws1'])
      await soon(() => expect(second!.fetches).toBe(2))
      await soon(() => expect(browser.server.open).toHaveLength(1))
      expect([first!.stream.status, first!.fetches]).toEqual(['waiting', 1])
      first!.page.dispatchEvent(new Event(goesOn))
      await soon(() => expect(first!.fetches).toBe(2))
      await soon(() => expect(statuses([first!, second!])).toEqual(['open', 'open']))
      expect(browser.server.visits).toHaveLength(visits + 1)
      first!.stream.stop()
      second!.stream.stop()
      await soon(() => expect(browser.server.open).toHaveLength(0))
    }
  })

  it('holds the lock and says nothing, it is deposed', async () => {
    const [only] = await browser.openedAndLive(1)
    const [name] = await names()
    only!.stream.stop()
    let stolen = false
    const held = new Promise<void>((granted) => {
      webLocks.request(name!, {}, () => (granted(), new Promise(() => {}))).catch(() => (stolen = true))
    })
    await held
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
    const tab = live(new QueryClient(), { url: browser.url })
    browser.tabs.push({ ...only!, stream: tab })
    // What the tab asks of the host between its timers takes real time.
    for (const end = performance.now() + 60_000; !stolen && performance.now() < end; ) {
      await vi.advanceTimersByTimeAsync(100)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(stolen).toBe(true)
    await vi.advanceTimersByTimeAsync(100)
    vi.useRealTimers()
    await soon(() => expect(tab.status).toBe('open'))
  })

  it('was deposed, it hangs up and follows', async () => {
    const [first, second] = await browser.openedAndLive(2)
    const [name] = await names()
    await webLocks.request(name!, { steal: true }, () => {})
    await soon(() => expect(browser.server.visits).toHaveLength(2))
    await soon(() => expect(statuses([first!, second!])).toEqual(['open', 'open']))
    expect(browser.server.open).toHaveLength(1)
    browser.server.invalidate(['exec:kpis:ws1'])
    await soon(() => expect([first!.fetches, second!.fetches]).toEqual([2, 2]))
  })

  it('loses the server, all know, and none has missed anything when it is back', async () => {
    const all = await browser.openedAndLive(3)
    browser.server.last.write('retry: 10\n\n')
    await pause(20)
    await browser.server.kill()
    await soon(() => expect(statuses(all).every((status) => status !== 'open')).toBe(true))
    await soon(() => expect(all.map(({ errors }) => errors[0])).toEqual(Array.from(all, () => 'E_LIVE_NETWORK')))
    expect(all[2]!.stream.error).toMatchObject({ code: 'E_LIVE_NETWORK', url: browser.url })
    browser.server.invalidate(['exec:kpis:ws1'])
    await browser.server.start()
    await soon(() => expect(all.map(({ fetches }) => fetches)).toEqual([2, 2, 2]))
    await soon(() => expect(statuses(all)).toEqual(['open', 'open', 'open']))
    expect(all[2]!.stream.error).toBeUndefined()
    expect(browser.server.open).toHaveLength(1)
  })

  it('is told that nobody knows what was missed, all fetch anew', async () => {
    const all = await browser.openedAndLive(3)
    browser.server.reachesBackTo = 150
    browser.server.last.break()
    await soon(() => expect(all.map(({ fetches }) => fetches)).toEqual([2, 2, 2]))
  })

  it('is refused, the others try for themselves', async () => {
    const [, second] = await browser.openedAndLive(2)
    browser.server.status = 403
    browser.server.last.break()
    await soon(() => expect(browser.tabs.map(({ errors }) => errors.at(-1))).toEqual(['E_LIVE_FORBIDDEN', 'E_LIVE_FORBIDDEN']))
    expect(second!.stream.status).toBe('stopped')
    expect(await names()).toEqual([])
  })
})
