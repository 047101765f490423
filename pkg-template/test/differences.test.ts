import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { onlineManager, QueryClient, QueryObserver } from '../src/core'

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

  it('a render that changes nothing gets the very same tracked result', () => {
    const observer = new QueryObserver(client, { queryKey: ['a'], queryFn: () => 1, enabled: false })
    const result = observer.getCurrentResult()
    expect(observer.trackResult(result)).toBe(observer.trackResult(result))
  })
})
