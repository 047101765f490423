// @vitest-environment node
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { environmentManager, focusManager, QueryClient, QueryObserver } from 'samekey'
import { live, type Live, type LiveOptions } from 'samekey/live'
import { queryKeys } from 'samekey/shadower'
import { StreamServer } from './streamServer'
import { webLocks } from './webLocks'

/** A tab: a page with a client, something on screen, and a stream. */
interface Tab {
  stream: Live
  client: QueryClient
  page: EventTarget
  errors: string[]
  /** How often what is on screen was fetched. */
  fetches: number
}

let server: StreamServer
let url: string
let tabs: Tab[]

beforeAll(() => environmentManager.setIsServer(() => false))
afterAll(() => environmentManager.setIsServer(() => true))
beforeEach(async () => {
  server = new StreamServer()
  url = await server.start()
  tabs = []
  vi.stubGlobal('navigator', { locks: webLocks })
})
afterEach(async () => {
  for (const tab of tabs) {
    tab.stream.stop()
    tab.client.clear()
  }
  focusManager.setFocused(undefined)
  await server.kill()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

const soon = (check: () => void) => vi.waitFor(check, { timeout: 5_000, interval: 5 })
const pause = (millis: number) => new Promise((resolve) => setTimeout(resolve, millis))

/** Opens a tab, and does not wait for its stream. */
async function opened(options: Partial<LiveOptions> = {}): Promise<Tab> {
  const client = new QueryClient()
  const page = new EventTarget()
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page))
  vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page))
  const errors: string[] = []
  const stream = live(client, { url, onError: ({ code }) => errors.push(code), ...options })
  const tab: Tab = { stream, client, page, errors, fetches: 0 }
  tabs.push(tab)
  const queryFn = () => Promise.resolve(++tab.fetches as never)
  new QueryObserver(client, { queryKey: queryKeys.kpis('ws1'), queryFn, staleTime: Infinity }).subscribe(() => {})
  await soon(() => expect(tab.fetches).toBe(1))
  return tab
}

/** Opens tabs, one after the other, so that the first leads. */
async function openedAndLive(count: number, options: Partial<LiveOptions> = {}): Promise<Tab[]> {
  const all: Tab[] = []
  for (let i = 0; i < count; i++) {
    all.push(await opened(options))
    await soon(() => expect(all.at(-1)!.stream.status).toBe('open'))
  }
  return all
}

const names = async () => (await webLocks.query()).held!.map(({ name }) => name!)
const statuses = (of: Tab[]) => of.map(({ stream }) => stream.status)

/** A JSON Web Token with these claims. */
const jwt = (claims: object) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`

describe('tabs of one browser', () => {
  it('have one connection, and all hear of a change', async () => {
    const all = await openedAndLive(3)
    server.invalidate(['exec:kpis:ws1'])
    await soon(() => expect(all.map(({ fetches }) => fetches)).toEqual([2, 2, 2]))
    expect(all.map(({ stream }) => stream.lastEventId)).toEqual(['101-0', '101-0', '101-0'])
    expect(server.visits).toHaveLength(1)
  })

  it('that are opened at once have one, too', async () => {
    const all = await Promise.all(Array.from({ length: 10 }, () => opened()))
    await soon(() => expect(new Set(statuses(all))).toEqual(new Set(['open'])))
    expect(server.visits).toHaveLength(1)
    await pause(50)
    expect(all.map(({ fetches }) => fetches)).toEqual(Array.from(all, () => 1))
  })

  it('ask for a token once each', async () => {
    const token = vi.fn(() => 'secret')
    await openedAndLive(2, { token })
    expect(token).toHaveBeenCalledTimes(2)
  })

  it('that are opened later need not fetch twice', async () => {
    const all = await openedAndLive(2)
    await pause(50)
    expect(all.map(({ fetches }) => fetches)).toEqual([1, 1])
  })

  it('that are opened later are told of what came after their data', async () => {
    const [first] = await openedAndLive(1)
    const late = await opened({ shareAcrossTabs: 'nobody yet' })
    late.stream.stop()
    server.invalidate(['exec:kpis:ws1'])
    await soon(() => expect(first!.fetches).toBe(2))
    const stream = live(late.client, { url })
    tabs.push({ ...late, stream })
    await soon(() => expect(stream.status).toBe('open'))
    await soon(() => expect(late.fetches).toBe(2))
  })

  it('poll as little as the one that is connected', async () => {
    const [, follower] = await openedAndLive(2)
    let polls = 0
    const queryFn = () => Promise.resolve(++polls as never)
    new QueryObserver(follower!.client, { queryKey: queryKeys.kpis('ws2'), queryFn, refetchInterval: 20, staleTime: Infinity }).subscribe(() => {})
    await pause(200)
    expect(polls).toBe(1)
    server.last.break()
    await soon(() => expect(polls).toBeGreaterThan(2))
  })
})

describe('when the one that leads', () => {
  it('is closed, another goes on where that was heard last', async () => {
    const [first, ...others] = await openedAndLive(3)
    server.invalidate(['exec:revenue:ws1'])
    await soon(() => expect(others.map(({ stream }) => stream.lastEventId)).toEqual(['101-0', '101-0']))
    first!.stream.stop()
    server.invalidate(['exec:kpis:ws1'])
    await soon(() => expect(others.map(({ fetches }) => fetches)).toEqual([2, 2]))
    await soon(() => expect(statuses(others)).toEqual(['open', 'open']))
    expect(server.visits.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, '101-0'])
    expect(server.open).toHaveLength(1)
  })

  it('is closed, one that has heard less is told what it missed', async () => {
    const [first, second, third] = await openedAndLive(3)
    // The third stands still, and misses something.
    third!.page.dispatchEvent(new Event('freeze'))
    expect(third!.stream.status).toBe('waiting')
    server.invalidate(['exec:kpis:ws1'])
    await soon(() => expect(second!.fetches).toBe(2))
    first!.stream.stop()
    await soon(() => expect(server.visits).toHaveLength(2))
    await soon(() => expect(second!.stream.status).toBe('open'))
    expect(third!.fetches).toBe(1)
    third!.page.dispatchEvent(new Event('resume'))
    await soon(() => expect(third!.fetches).toBe(2))
    expect([third!.stream.status, third!.stream.lastEventId]).toEqual(['open', '101-0'])
    expect(server.open).toHaveLength(1)
  })

  it('is left or frozen, another leads, and it follows when it goes on', async () => {
    for (const [still, goesOn] of [
      ['pagehide', 'pageshow'],
      ['freeze', 'resume'],
    ] as const) {
      const [first, second] = await openedAndLive(2)
      const visits = server.visits.length
      first!.page.dispatchEvent(new Event(still))
      server.invalidate(['exec:kpis:ws1'])
      await soon(() => expect(second!.fetches).toBe(2))
      await soon(() => expect(server.open).toHaveLength(1))
      expect([first!.stream.status, first!.fetches]).toEqual(['waiting', 1])
      first!.page.dispatchEvent(new Event(goesOn))
      await soon(() => expect(first!.fetches).toBe(2))
      await soon(() => expect(statuses([first!, second!])).toEqual(['open', 'open']))
      expect(server.visits).toHaveLength(visits + 1)
      first!.stream.stop()
      second!.stream.stop()
      await soon(() => expect(server.open).toHaveLength(0))
    }
  })

  it('holds the lock and says nothing, it is deposed', async () => {
    const [only] = await openedAndLive(1)
    const [name] = await names()
    only!.stream.stop()
    let stolen = false
    const held = new Promise<void>((granted) => {
      webLocks.request(name!, {}, () => (granted(), new Promise(() => {}))).catch(() => (stolen = true))
    })
    await held
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
    const tab = live(new QueryClient(), { url })
    tabs.push({ ...only!, stream: tab })
    for (let i = 0; i < 80 && !stolen; i++) await vi.advanceTimersByTimeAsync(100)
    expect(stolen).toBe(true)
    await vi.advanceTimersByTimeAsync(100)
    vi.useRealTimers()
    await soon(() => expect(tab.status).toBe('open'))
  })

  it('was deposed, it hangs up and follows', async () => {
    const [first, second] = await openedAndLive(2)
    const [name] = await names()
    await webLocks.request(name!, { steal: true }, () => {})
    await soon(() => expect(server.visits).toHaveLength(2))
    await soon(() => expect(statuses([first!, second!])).toEqual(['open', 'open']))
    expect(server.open).toHaveLength(1)
    server.invalidate(['exec:kpis:ws1'])
    await soon(() => expect([first!.fetches, second!.fetches]).toEqual([2, 2]))
  })

  it('loses the server, all know, and none has missed anything when it is back', async () => {
    const all = await openedAndLive(3)
    server.last.write('retry: 10\n\n')
    await pause(20)
    await server.kill()
    await soon(() => expect(statuses(all).every((status) => status !== 'open')).toBe(true))
    await soon(() => expect(all.map(({ errors }) => errors[0])).toEqual(Array.from(all, () => 'E_LIVE_NETWORK')))
    expect(all[2]!.stream.error).toMatchObject({ code: 'E_LIVE_NETWORK', url })
    server.invalidate(['exec:kpis:ws1'])
    await server.start()
    await soon(() => expect(all.map(({ fetches }) => fetches)).toEqual([2, 2, 2]))
    await soon(() => expect(statuses(all)).toEqual(['open', 'open', 'open']))
    expect(all[2]!.stream.error).toBeUndefined()
    expect(server.open).toHaveLength(1)
  })

  it('is told that nobody knows what was missed, all fetch anew', async () => {
    const all = await openedAndLive(3)
    server.reachesBackTo = 150
    server.last.break()
    await soon(() => expect(all.map(({ fetches }) => fetches)).toEqual([2, 2, 2]))
  })

  it('is refused, the others try for themselves', async () => {
    const [, second] = await openedAndLive(2)
    server.status = 403
    server.last.break()
    await soon(() => expect(tabs.map(({ errors }) => errors.at(-1))).toEqual(['E_LIVE_FORBIDDEN', 'E_LIVE_FORBIDDEN']))
    expect(second!.stream.status).toBe('stopped')
    expect(await names()).toEqual([])
  })
})

describe('who is not of the same mind', () => {
  it('hears for himself: another token, another address, other headers', async () => {
    await openedAndLive(1)
    await openedAndLive(1, { token: 'one' })
    await openedAndLive(1, { token: 'two' })
    await openedAndLive(1, { url: `${url}?other` })
    await openedAndLive(1, { headers: { 'X-Tenant': 'a' } })
    expect(server.open).toHaveLength(5)
  })

  it('is whose token claims something else, not who got a newer one', async () => {
    await openedAndLive(1, { token: jwt({ sub: 'ada', workspace: 'ws1', exp: 1, jti: 'a' }) })
    await openedAndLive(1, { token: jwt({ sub: 'ada', workspace: 'ws1', exp: 2, iat: 1, jti: 'b' }) })
    expect(server.open).toHaveLength(1)
    await openedAndLive(1, { token: jwt({ sub: 'ada', workspace: 'ws2', exp: 1, jti: 'a' }) })
    expect(server.open).toHaveLength(2)
    for (const claims of [{ exp: 1 }, { exp: 2 }]) await openedAndLive(1, { token: jwt(claims) })
    expect(server.open).toHaveLength(4)
  })

  it('is not told by the name of the lock who he is', async () => {
    await openedAndLive(1, { token: 'secret' })
    await openedAndLive(1, { shareAcrossTabs: 'ada' })
    for (const name of await names()) expect(name).toMatch(/^samekey\.live\.1:[0-9a-f-]+$/)
  })

  it('may be named, where tokens are always new or cookies say who calls', async () => {
    let count = 0
    const token = () => `opaque ${++count}`
    await openedAndLive(2, { token, shareAcrossTabs: 'ada' })
    expect(server.open).toHaveLength(1)
    await openedAndLive(1, { token, shareAcrossTabs: 'grace' })
    expect(server.open).toHaveLength(2)
    await openedAndLive(2, { includeCredentials: true })
    expect(server.open).toHaveLength(4)
    await openedAndLive(2, { includeCredentials: true, shareAcrossTabs: 'ada' })
    expect(server.open).toHaveLength(5)
  })

  it('leaves when a new token is another caller’s', async () => {
    let caller = 'ada'
    const token = () => jwt({ sub: caller })
    const [first, second] = await openedAndLive(2, { token })
    const before = await names()
    server.last.write('retry: 10\n\n')
    await pause(20)
    caller = 'grace'
    server.last.break()
    const grace = `Bearer ${jwt({ sub: 'grace' })}`
    await soon(() => expect(server.open.map(({ headers }) => headers.authorization)).toEqual([grace]))
    await soon(() => expect(statuses([first!, second!])).toEqual(['open', 'open']))
    expect(server.open).toHaveLength(1)
    const after = await names()
    expect([after.length, after[0] === before[0]]).toEqual([1, false])
  })
})

describe('each tab has its own connection', () => {
  it('if that is wished', async () => {
    await openedAndLive(2, { shareAcrossTabs: false })
    expect(server.open).toHaveLength(2)
  })

  it('where there are no locks: old browsers, insecure pages', async () => {
    vi.stubGlobal('navigator', {})
    await openedAndLive(2)
    expect(server.open).toHaveLength(2)
  })

  it('where there is no channel', async () => {
    vi.stubGlobal('BroadcastChannel', undefined)
    await openedAndLive(2)
    expect(server.open).toHaveLength(2)
  })

  it('where locks are refused: a frame in a sandbox', async () => {
    const request = () => Promise.reject(new DOMException('no', 'SecurityError'))
    vi.stubGlobal('navigator', { locks: { request } })
    let caller = 'ada'
    await openedAndLive(2, { token: () => jwt({ sub: caller }) })
    expect(server.open).toHaveLength(2)
    caller = 'grace'
    for (const visit of server.open) visit.break()
    await soon(() => expect(server.open.map(({ headers }) => headers.authorization)).toEqual(Array(2).fill(`Bearer ${jwt({ sub: 'grace' })}`)))
  })
})
