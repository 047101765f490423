import { QueryClient, QueryObserver } from 'samekey'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

const setBack = (millis: number) => vi.setSystemTime(Date.now() - millis)
const pass = (millis: number) => vi.advanceTimersByTimeAsync(millis)
const HOUR = 3_600_000

describe('a clock that is set back', () => {
  it('does not stop polling', async () => {
    const queryFn = vi.fn(() => Promise.resolve(1))
    new QueryObserver(new QueryClient(), { queryKey: ['a'], queryFn, refetchInterval: 1000 }).subscribe(() => {})
    await pass(2_500)
    expect(queryFn).toHaveBeenCalledTimes(3)
    setBack(HOUR)
    // What waited then may come late by as much as had passed since the last event; not by an hour.
    await pass(2_000)
    expect(queryFn.mock.calls.length).toBeGreaterThan(3)
    queryFn.mockClear()
    await pass(5_000)
    expect(queryFn).toHaveBeenCalledTimes(5)
  })

  it('does not stop a fetch that waits for its next attempt', async () => {
    let calls = 0
    const queryFn = () => (++calls < 3 ? Promise.reject(new Error('down')) : Promise.resolve('up'))
    const fetched = new QueryClient().fetchQuery({ queryKey: ['a'], queryFn, retry: 3, retryDelay: 1000 })
    await pass(500)
    setBack(HOUR)
    await pass(2000)
    expect(calls).toBe(2)
    await pass(1000)
    expect(await fetched).toBe('up')
  })

  it('does not keep what nobody looks at any longer', async () => {
    const client = new QueryClient()
    await client.fetchQuery({ queryKey: ['a'], queryFn: () => 1, gcTime: 1000 })
    setBack(HOUR)
    // What comes after that waits by the new time.
    client.setQueryData(['a'], 2)
    client.setQueryData(['b'], 1)
    await pass(1001)
    expect(client.getQueryState(['a'])).toBeUndefined()
    expect(client.getQueryState(['b'])).toBeDefined()
  })
})
