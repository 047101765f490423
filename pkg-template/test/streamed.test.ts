// @vitest-environment node
/** Queries that were pending when they were dehydrated: their data comes by a promise, some time after it was true. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  configureFetch,
  defineFamily,
  dehydrate,
  environmentManager,
  hydrate,
  InfiniteQueryObserver,
  onlineManager,
  QueryClient,
  QueryObserver,
  type DehydratedQuery,
  type FetchQueryOptions,
} from 'samekey'
import { infiniteQueryOptions } from 'samekey/react'
import { EndpointServer, tagged } from './endpointServer'
import { soon } from './soon'

let onServer: QueryClient
let inBrowser: QueryClient

beforeAll(() => environmentManager.setIsServer(() => false))
afterAll(() => environmentManager.setIsServer(() => true))
beforeEach(() => {
  onServer = new QueryClient()
  inBrowser = new QueryClient()
})
afterEach(() => {
  onServer.clear()
  inBrowser.clear()
})

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const pending = () => dehydrate(onServer, { shouldDehydrateQuery: () => true }).queries

/** One that was begun just now. */
function pendingOf(options: FetchQueryOptions): [DehydratedQuery] {
  void onServer.prefetchQuery(options)
  return pending() as [DehydratedQuery]
}

/** What is sent, and comes so much later (ms). */
function late(ms: number, { promise, arrival, ...query }: DehydratedQuery): DehydratedQuery {
  const slow = <T>(sent: Promise<T>) => sent.finally(() => sleep(ms))
  return { ...query, promise: slow(promise!), arrival: slow(arrival!) }
}

/** A query function that takes so long (ms). */
const after =
  <T>(ms: number, data: T) =>
  async (): Promise<T> => {
    await sleep(ms)
    return data
  }

describe('data that was streamed', () => {
  beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }))
  afterEach(() => void vi.useRealTimers())

  it('is as old as it is on the server, however long it was under way', async () => {
    void onServer.prefetchQuery({ queryKey: ['a'], queryFn: after(200, 'sent') })
    hydrate(inBrowser, { queries: pending().map((query) => late(500, query)) })
    const observer = new QueryObserver(inBrowser, { queryKey: ['a'], queryFn: after(10, 'own'), staleTime: 1000 })
    const stop = observer.subscribe(() => {})
    await vi.advanceTimersByTimeAsync(700)
    expect(observer.getCurrentResult()).toMatchObject({ data: 'sent', dataUpdatedAt: 1_000_200, isStale: false })
    await vi.advanceTimersByTimeAsync(501)
    expect(observer.getCurrentResult().isStale).toBe(true)
    stop()
  })

  it('was there in the moment in which it comes if it says nothing else', async () => {
    void onServer.prefetchQuery({ queryKey: ['a'], queryFn: after(200, 'sent') })
    const [{ arrival: _, ...query }] = pending().map((each) => late(500, each)) as [DehydratedQuery]
    hydrate(inBrowser, { queries: [query] })
    await vi.advanceTimersByTimeAsync(700)
    expect(inBrowser.getQueryState(['a'])).toMatchObject({ data: 'sent', dataUpdatedAt: 1_000_700 })
  })

  it('leaves what was fetched meanwhile as it is', async () => {
    inBrowser.setQueryData(['a'], 'old', { updatedAt: 900_000 })
    void onServer.prefetchQuery({ queryKey: ['a'], queryFn: after(200, 'sent') })
    hydrate(inBrowser, { queries: pending().map((query) => late(50, query)) })
    const observer = new QueryObserver(inBrowser, { queryKey: ['a'], queryFn: after(300, 'own'), staleTime: 1000 })
    const stop = observer.subscribe(() => {})
    await vi.advanceTimersByTimeAsync(100)
    void observer.refetch()
    await vi.advanceTimersByTimeAsync(500)
    expect(inBrowser.getQueryState(['a'])).toMatchObject({ data: 'own', dataUpdatedAt: 1_000_400 })
    stop()
  })

  it('is of the browser’s own time where the browser had to fetch it', async () => {
    onServer.setDefaultOptions({ queries: { retry: false } })
    const error = vi.spyOn(console, 'error').mockReturnValue()
    void onServer.prefetchQuery({ queryKey: ['a'], queryFn: () => Promise.reject(new Error('down')) })
    hydrate(inBrowser, { queries: pending() })
    const observer = new QueryObserver(inBrowser, { queryKey: ['a'], queryFn: after(100, 'own') })
    const stop = observer.subscribe(() => {})
    await vi.advanceTimersByTimeAsync(1_200)
    expect(inBrowser.getQueryState(['a'])).toMatchObject({ data: 'own', dataUpdatedAt: 1_001_100 })
    expect(error).toHaveBeenCalledOnce()
    stop()
  })

  it('that fails while the network is away is nobody’s unhandled error', async () => {
    const unhandled = vi.fn()
    process.on('unhandledRejection', unhandled)
    onlineManager.setOnline(false)
    const [query] = pendingOf({ queryKey: ['a'], queryFn: after(10, 'sent') })
    hydrate(inBrowser, { queries: [{ ...query, promise: sleep(20).then(() => Promise.reject(new Error('redacted'))) }] })
    await vi.advanceTimersByTimeAsync(50)
    vi.useRealTimers()
    await sleep(5)
    expect(unhandled).not.toHaveBeenCalled()
    process.off('unhandledRejection', unhandled)
    onlineManager.setOnline(true)
  })

  it('is as old where its promise says at once that it is settled', async () => {
    void onServer.prefetchQuery({ queryKey: ['a'], queryFn: after(200, 'sent') })
    const [query] = pending() as [DehydratedQuery]
    await vi.advanceTimersByTimeAsync(300)
    const known = await query.arrival
    const now = <T>(value: T) => ({ then: (use: (value: T) => unknown) => void use(value) }) as unknown as Promise<T>
    hydrate(inBrowser, { queries: [{ ...query, promise: now('sent'), arrival: now(known) }] })
    expect(inBrowser.getQueryState(['a'])).toMatchObject({ data: 'sent', dataUpdatedAt: 1_000_200 })
  })

  it('of an infinite query that failed is fetched page by page', async () => {
    onServer.setDefaultOptions({ queries: { retry: false } })
    vi.spyOn(console, 'error').mockReturnValue()
    const asked: unknown[] = []
    const options = infiniteQueryOptions({
      queryKey: ['list'],
      queryFn: ({ pageParam }) => {
        asked.push(pageParam)
        return asked.length === 1 ? Promise.reject(new Error('down')) : Promise.resolve(`page ${pageParam}`)
      },
      initialPageParam: 1,
      getNextPageParam: (_last, _all, param) => param + 1,
    })
    void onServer.prefetchInfiniteQuery(options)
    hydrate(inBrowser, { queries: pending() })
    const observer = new InfiniteQueryObserver(inBrowser, options)
    const stop = observer.subscribe(() => {})
    await vi.advanceTimersByTimeAsync(1_200)
    expect(asked).toEqual([1, 1])
    expect(inBrowser.getQueryData(['list'])).toEqual({ pages: ['page 1'], pageParams: [1] })
    stop()
  })
})

describe('data that was streamed from an endpoint', () => {
  const summary = defineFamily<{ moving: number }, [depot: string]>('streamed:summary:{depot}', {
    ttl: 60_000,
    endpoint: '/depots/{depot}',
  })
  let server: EndpointServer

  beforeEach(async () => {
    server = new EndpointServer()
    configureFetch({ baseUrl: await server.start() })
  })
  afterEach(() => server.stop())

  it('stays true for as long as the server said, and its version goes along', async () => {
    server.answer = tagged({ moving: 3 }, '"v1"', 120)
    void onServer.prefetchQuery({ queryKey: summary('d1') })
    hydrate(inBrowser, { queries: pending() })
    await soon(() => expect(inBrowser.getQueryData(summary('d1'))).toEqual({ moving: 3 }))
    const options = inBrowser.defaultQueryOptions({ queryKey: summary('d1') })
    const query = inBrowser.getQueryCache().find({ queryKey: summary('d1') })!
    // The family's own lifetime is half of that.
    query.setState({ dataUpdatedAt: Date.now() - 90_000 })
    expect(new QueryObserver(inBrowser, options).getOptimisticResult(options).isStale).toBe(false)
    await inBrowser.refetchQueries({ queryKey: summary('d1') })
    expect(server.headers.at(-1)?.['if-none-match']).toBe('"v1"')
  })
})
