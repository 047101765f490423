import { QueryClient, QueryObserver } from 'samekey'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { soon } from './soon'

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

describe('a timer that was lost', () => {
  const real = (millis: number) => new Promise((resolve) => setTimeout(resolve, millis))

  it.each(['that were put away', 'that were cleared'])('with the fake ones of a test %s keeps nobody waiting after that', async (how) => {
    const client = new QueryClient()
    const queryFn = vi.fn(() => Promise.resolve(1))
    const options = { queryKey: ['a'], queryFn, refetchInterval: 50 }
    new QueryObserver(client, options).subscribe(() => {})()
    await pass(0)
    if (how === 'that were cleared') vi.clearAllTimers()
    else vi.useRealTimers()
    const wait = how === 'that were cleared' ? pass : real
    await wait(1_100)
    queryFn.mockClear()
    const stop = new QueryObserver(client, options).subscribe(() => {})
    const polled = () => expect(queryFn.mock.calls.length).toBeGreaterThan(2)
    if (how === 'that were cleared') await pass(200).then(polled)
    else await soon(polled)
    stop()
    client.clear()
  })

  it('with fake ones whose time was earlier keeps nobody waiting after that', async () => {
    const client = new QueryClient()
    const queryFn = vi.fn(() => Promise.resolve(1))
    const options = { queryKey: ['a'], queryFn, refetchInterval: 5_000 }
    vi.setSystemTime(1_000_000)
    const leave = new QueryObserver(client, options).subscribe(() => {})
    await pass(10)
    leave()
    vi.useRealTimers()
    // The next test begins at the same time.
    vi.useFakeTimers({ now: 1_000_000 })
    const stop = new QueryObserver(client, options).subscribe(() => {})
    await pass(20_000)
    stop()
    expect(queryFn.mock.calls.length).toBeGreaterThan(3)
    client.clear()
  })
})
