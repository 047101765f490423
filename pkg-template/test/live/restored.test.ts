// @vitest-environment node
import { describe, expect, it } from 'vitest'
import { dehydrate, hydrate, QueryClient, QueryObserver, type QueryKey, type QueryState } from 'samekey'
import { queryKeys } from 'samekey/shadower'
import { Page, pause, soon } from './page'

const page = new Page()
const KEY = queryKeys.kpis('ws1')
const MINUTE = 60_000

/** The state of a query as a disk or a server's render brings it. */
const stateOf = (age: number): QueryState<unknown, Error> => ({
  data: 'restored',
  dataUpdateCount: 1,
  dataUpdatedAt: Date.now() - age,
  error: null,
  errorUpdateCount: 0,
  errorUpdatedAt: 0,
  fetchFailureCount: 0,
  fetchFailureReason: null,
  fetchMeta: null,
  isInvalidated: false,
  status: 'success',
  fetchStatus: 'idle',
})

/** Puts a query into the cache as hydration does, with data of that age (ms). */
function restore(age: number, queryKey: QueryKey = KEY) {
  return page.client.getQueryCache().build(page.client, { queryKey }, stateOf(age))
}

/** Looks at a key, and says how often it was fetched. */
function look(queryKey: QueryKey = KEY) {
  const seen = { fetches: 0 }
  const observer = new QueryObserver(page.client, { queryKey, queryFn: () => Promise.resolve(++seen.fetches), staleTime: Infinity })
  page.cleanups.push(observer.subscribe(() => {}))
  return seen
}

/** A query that a server computes until it is told to send it, and what it sends of it meanwhile. */
function computing() {
  const onServer = new QueryClient()
  let send = () => {}
  void onServer.prefetchQuery({ queryKey: KEY, queryFn: () => new Promise((resolve) => (send = () => resolve('sent' as never))) })
  return [onServer, () => send(), dehydrate(onServer, { shouldDehydrateQuery: () => true })] as const
}

async function told(patterns: string[]) {
  const before = page.stream!.lastEventId
  page.server.invalidate(patterns)
  await soon(() => expect(page.stream!.lastEventId).not.toBe(before))
}

describe('data that comes from elsewhere while the stream is open', () => {
  it('is fetched again if it changed since', async () => {
    await page.connected()
    await told(['exec:kpis:*'])
    await pause(60)
    restore(50)
    const seen = look()
    await soon(() => expect(seen.fetches).toBe(1))
  })

  it('is fetched again if it was streamed, and changed since the server had it', async () => {
    await page.connected()
    const onServer = new QueryClient()
    void onServer.prefetchQuery({ queryKey: KEY, queryFn: () => Promise.resolve('sent') as never })
    const state = dehydrate(onServer, { shouldDehydrateQuery: () => true })
    await pause(5)
    await told(['exec:kpis:*'])
    await pause(60)
    hydrate(page.client, state)
    const seen = look()
    await soon(() => expect(seen.fetches).toBe(1))
    expect(page.client.getQueryState(KEY)).toMatchObject({ isInvalidated: false, data: 1 })
    onServer.clear()
  })

  it('is left if it was streamed, and nothing happened since', async () => {
    await page.connected()
    await told(['exec:kpis:ws2'])
    const onServer = new QueryClient()
    void onServer.prefetchQuery({ queryKey: KEY, queryFn: () => Promise.resolve('sent') as never })
    const state = dehydrate(onServer, { shouldDehydrateQuery: () => true })
    await pause(60)
    hydrate(page.client, state)
    const seen = look()
    await pause(50)
    expect(seen.fetches).toBe(0)
    expect(page.client.getQueryData(KEY)).toBe('sent')
    onServer.clear()
  })

  it('is fetched again if it was streamed, and changed while the server still computed it', async () => {
    await page.connected()
    for (const known of [undefined, 'old']) {
      if (known) page.client.setQueryData(KEY, known as never, { updatedAt: Date.now() - 5 })
      const [onServer, send, state] = computing()
      await pause(5)
      await told(['exec:kpis:*'])
      await pause(20)
      hydrate(page.client, { queries: state.queries.map((query) => ({ ...query, dehydratedAt: Date.now() })) })
      send()
      await soon(() => expect(page.client.getQueryState(KEY)).toMatchObject({ data: 'sent', isInvalidated: true }))
      const seen = look()
      await soon(() => expect(seen.fetches).toBe(1))
      await pause(50)
      expect(seen.fetches).toBe(1)
      expect(page.client.getQueryState(KEY)).toMatchObject({ isInvalidated: false, data: 1 })
      page.cleanups.splice(0).forEach((stop) => stop())
      page.client.removeQueries()
      onServer.clear()
    }
  })

  it('is left if it was streamed, and changed before the server began to compute it', async () => {
    await page.connected()
    page.client.setQueryData(KEY, 'old' as never, { updatedAt: Date.now() - 5 })
    await told(['exec:kpis:*'])
    await pause(20)
    const [onServer, send, state] = computing()
    hydrate(page.client, state)
    send()
    await soon(() => expect(page.client.getQueryData(KEY)).toBe('sent'))
    await pause(20)
    expect(page.client.getQueryState(KEY)).toMatchObject({ isInvalidated: false })
    onServer.clear()
  })

  it('is fetched again if it comes into a query that is there, and changed while it was computed', async () => {
    await page.connected()
    page.client.setQueryData(KEY, 'old' as never, { updatedAt: Date.now() - 100 })
    await told(['exec:kpis:*'])
    await pause(50)
    const onServer = new QueryClient()
    onServer.setQueryData(KEY, 'sent' as never, { updatedAt: Date.now() - 20 })
    hydrate(page.client, dehydrate(onServer))
    expect(page.client.getQueryState(KEY)).toMatchObject({ data: 'sent', isInvalidated: true })
    onServer.clear()
  })

  it('is left if only others changed since', async () => {
    const first = restore(2 * MINUTE, queryKeys.kpis('ws2'))
    await page.connected()
    await told(['exec:kpis:ws2'])
    expect(first.state.isInvalidated).toBe(true)
    restore(MINUTE)
    const seen = look()
    await pause(50)
    expect(seen.fetches).toBe(0)
  })

  it('is fetched again if nobody knows what happened since', async () => {
    await page.connected()
    restore(60 * MINUTE)
    const seen = look()
    await soon(() => expect(seen.fetches).toBe(1))
  })

  it('is fetched again when it is written into a query that is there', async () => {
    await page.connected()
    const shown = await page.watched(KEY)
    page.client.getQueryCache().find({ queryKey: KEY })!.setState({ data: 'restored', dataUpdatedAt: Date.now() - 60 * MINUTE })
    await soon(() => expect(shown.fetches).toBe(2))
    page.client.setQueryData(KEY, 'restored' as never, { updatedAt: Date.now() - 60 * MINUTE })
    await soon(() => expect(shown.fetches).toBe(3))
  })

  it('is fetched again when it is there under a plain key, and one of the schema comes to look', async () => {
    await page.connected()
    restore(60 * MINUTE, [...KEY])
    const seen = look()
    await soon(() => expect(seen.fetches).toBe(1))
  })

  it('is not asked for again and again', async () => {
    await page.connected()
    restore(60 * MINUTE)
    const seen = look()
    await soon(() => expect(seen.fetches).toBe(1))
    await pause(50)
    expect(seen.fetches).toBe(1)
    expect(page.client.getQueryState(KEY)).toMatchObject({ isInvalidated: false, data: 1 })
  })
})

describe('data that comes from elsewhere', () => {
  it('between the request for the stream and its greeting is fetched again', async () => {
    page.server.mute = true
    const opening = page.connected()
    await soon(() => expect(page.server.visits).toHaveLength(1))
    restore(60 * MINUTE)
    const seen = look()
    page.server.last.write('id: 100-0\nevent: hello\ndata: {"heartbeat_ms":15000,"looked_back":true}\n\n')
    await opening
    await soon(() => expect(seen.fetches).toBe(1))
  })

  it('by a clock that is ahead of ours is of an age that nobody knows', async () => {
    restore(-5 * MINUTE)
    const seen = look()
    await page.connected()
    expect(Number(new URL(page.server.last.url, page.url).searchParams.get('look_back_ms'))).toBeGreaterThan(365 * 24 * 60 * MINUTE)
    expect(seen.fetches).toBe(0)
  })

  it('while the stream is stopped is fetched again', async () => {
    const stream = await page.connected()
    stream.stop()
    restore(60 * MINUTE)
    stream.start()
    const seen = look()
    await soon(() => expect(seen.fetches).toBe(1))
  })

  it('under a plain key is covered once a key of the schema looks at it', async () => {
    page.client.setQueryData([...KEY], 'plain' as never)
    const seen = look()
    await page.connected()
    page.server.last.write('event: reset\ndata: {"why":"x"}\n\n')
    await soon(() => expect(seen.fetches).toBe(1))
  })
})

describe('a fetch that is cancelled', () => {
  it('goes back to what it was, and is not begun anew for what was told before', async () => {
    await page.connected()
    const shown = await page.watched(KEY)
    await told(['exec:kpis:*'])
    await soon(() => expect(shown.fetches).toBe(2))
    await pause(5)
    void page.client.refetchQueries({ queryKey: KEY })
    await page.client.cancelQueries({ queryKey: KEY })
    await pause(50)
    expect(shown.state).toMatchObject({ fetchStatus: 'idle', isInvalidated: false })
  })
})
