import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { InfiniteQueryObserver, onlineManager, QueryClient, QueryObserver } from '../src/core'

/** What docs/differences.md says of samekey and no log of TanStack Query can show. */
describe('on purpose, and unlike TanStack Query,', () => {
  let client: QueryClient
  const delayed = <T>(value: T, ms: number) => new Promise<T>((resolve) => setTimeout(() => resolve(value), ms))

  beforeEach(() => {
    vi.useFakeTimers()
    client = new QueryClient()
    client.mount()
  })
  afterEach(() => {
    client.unmount()
    client.clear()
    onlineManager.setOnline(true)
    vi.useRealTimers()
  })

  it('whoever joined a fetch follows the one that takes its place', async () => {
    let call = 0
    const options = { queryKey: ['a'], queryFn: () => delayed(++call, 10) }
    client.setQueryData(['a'], 0, { updatedAt: 1 })
    const first = client.fetchQuery(options)
    const joined = client.fetchQuery(options)
    void client.refetchQueries({ queryKey: ['a'] })
    void client.refetchQueries({ queryKey: ['a'] })
    await vi.advanceTimersByTimeAsync(20)
    await expect(first).resolves.toBe(3)
    await expect(joined).resolves.toBe(3)
  })

  it('a fetch cancelled between two attempts does not pause the query when its wait is over', async () => {
    const queryFn = vi.fn(() => Promise.reject(new Error('down')))
    const observer = new QueryObserver(client, { queryKey: ['a'], queryFn, initialData: 0, retryDelay: 100 })
    const stop = observer.subscribe(() => {})
    await vi.advanceTimersByTimeAsync(50)
    await client.cancelQueries({ queryKey: ['a'] })
    onlineManager.setOnline(false)
    await vi.advanceTimersByTimeAsync(500)
    expect(client.getQueryState(['a'])?.fetchStatus).toBe('idle')
    stop()
  })

  it('components that poll one query send one request at a time of the shortest interval', async () => {
    const queryFn = vi.fn(() => Promise.resolve(1))
    const stops = [100, 130, 170].map((refetchInterval) =>
      new QueryObserver(client, { queryKey: ['a'], queryFn, refetchInterval }).subscribe(() => {}),
    )
    await vi.advanceTimersByTimeAsync(0)
    queryFn.mockClear()
    await vi.advanceTimersByTimeAsync(1000)
    expect(queryFn).toHaveBeenCalledTimes(10)
    for (const stop of stops) stop()
  })

  it('a query that is reset while nobody watches is collected in its time', async () => {
    client.setQueryDefaults(['a'], { gcTime: 100 })
    client.setQueryData(['a'], 1)
    await client.resetQueries({ queryKey: ['a'] })
    await vi.advanceTimersByTimeAsync(101)
    expect(client.getQueryState(['a'])).toBeUndefined()
  })

  it('an invalidation outlasts the fetch of one page, and a page that failed is no invalidation', async () => {
    let version = 1
    let failing = false
    const observer = new InfiniteQueryObserver(client, {
      queryKey: ['list'],
      queryFn: async ({ pageParam }) => {
        const answer = `${String(pageParam)} of ${version}`
        await delayed(undefined, 10)
        if (failing) throw new Error('down')
        return answer
      },
      initialPageParam: 0,
      getNextPageParam: (_last: string, _all: string[], param: number) => param + 1,
      staleTime: Infinity,
      retry: false,
    })
    const stop = observer.subscribe(() => {})
    const pages = () => client.getQueryData<{ pages: string[] }>(['list'])?.pages
    await vi.advanceTimersByTimeAsync(20)
    version = 2
    void client.invalidateQueries()
    // It takes the place of the refetch.
    void observer.fetchNextPage()
    await vi.advanceTimersByTimeAsync(15)
    expect(pages()).toEqual(['0 of 1', '1 of 2'])
    await vi.advanceTimersByTimeAsync(15)
    expect(pages()).toEqual(['0 of 2', '1 of 2'])
    expect(client.getQueryState(['list'])).toMatchObject({ isInvalidated: false, fetchStatus: 'idle' })

    failing = true
    void observer.fetchNextPage()
    await vi.advanceTimersByTimeAsync(20)
    failing = false
    version = 3
    void observer.fetchNextPage()
    await vi.advanceTimersByTimeAsync(50)
    expect(pages()).toEqual(['0 of 2', '1 of 2', '2 of 3'])
    stop()
  })

  it('a render that changes nothing gets the very same tracked result', () => {
    const observer = new QueryObserver(client, { queryKey: ['a'], queryFn: () => 1, enabled: false })
    const result = observer.getCurrentResult()
    expect(observer.trackResult(result)).toBe(observer.trackResult(result))
  })
})
