import { QueryClient, QueryObserver } from 'samekey'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { uncaughtIn } from './uncaught'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

it('a cache listener that throws costs no fetch its start', async () => {
  const client = new QueryClient()
  const stop = client.getQueryCache().subscribe((event) => {
    if (event.type === 'updated') throw new Error('a fault in the listener')
  })
  const queryFn = vi.fn(() => Promise.resolve(1))
  expect(() => client.fetchQuery({ queryKey: ['a'], queryFn })).toThrow('a fault in the listener')
  expect(queryFn).toHaveBeenCalledOnce()
  stop()
  await expect(client.fetchQuery({ queryKey: ['a'], queryFn })).resolves.toBe(1)
})

it('a listener that throws at one deadline does not stop the others', async () => {
  const client = new QueryClient()
  const polled = { bad: 0, good: 0 }
  const watch = (name: 'bad' | 'good') =>
    new QueryObserver(client, {
      queryKey: [name],
      queryFn: () => ++polled[name],
      refetchInterval: 1000,
    })
  const uncaught = await uncaughtIn(async () => {
    watch('bad').subscribe((result) => {
      if (result.isFetching && polled.bad > 0) throw new Error('a fault in the listener')
    })
    watch('good').subscribe(() => {})
    await vi.advanceTimersByTimeAsync(0)
    for (let i = 0; i < 3; i++) await vi.advanceTimersByTimeAsync(1000)
  })
  expect(polled.good).toBeGreaterThanOrEqual(3)
  expect(uncaught).toContainEqual(new Error('a fault in the listener'))
})
