import { MutationObserver, QueryClient, QueryObserver } from 'samekey'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

const fault = new Error('a fault in the option')
const failing = () => Promise.reject(new Error('down'))
const throwing = () => {
  throw fault
}

it.each(['retry', 'retryDelay'])('a `%s` that throws ends the fetch with what it threw', async (option) => {
  const client = new QueryClient()
  const seen = client.fetchQuery({ queryKey: ['a'], queryFn: failing, retry: 3, [option]: throwing }).catch((error: unknown) => error)
  await vi.advanceTimersByTimeAsync(100)
  expect(client.getQueryState(['a'])).toMatchObject({ status: 'error', fetchStatus: 'idle', error: fault })
  expect(await seen).toBe(fault)
  await expect(client.fetchQuery({ queryKey: ['a'], queryFn: () => 1 })).resolves.toBe(1)
})

it.each(['retry', 'retryDelay'])('a `%s` that throws ends the mutation with what it threw', async (option) => {
  const client = new QueryClient()
  const observer = new MutationObserver(client, { mutationFn: failing, retry: 3, [option]: throwing })
  const seen = observer.mutate().catch((error: unknown) => error)
  await vi.advanceTimersByTimeAsync(100)
  expect(observer.getCurrentResult()).toMatchObject({ status: 'error', error: fault })
  expect(await seen).toBe(fault)
})

it('an option of one query that throws does not keep others from being invalidated', async () => {
  const client = new QueryClient()
  let isFaulty = false
  const enabled = () => {
    if (isFaulty) throw fault
    return false
  }
  new QueryObserver(client, { queryKey: ['faulty'], enabled }).subscribe(() => {})
  const queryFn = vi.fn(() => 1)
  new QueryObserver(client, { queryKey: ['sound'], queryFn }).subscribe(() => {})
  await vi.advanceTimersByTimeAsync(0)
  const uncaught = vi.fn()
  const others = process.listeners('unhandledRejection')
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', uncaught)
  isFaulty = true
  await client.invalidateQueries({ queryKey: ['sound'] })
  isFaulty = false
  vi.useRealTimers()
  await new Promise((resolve) => setTimeout(resolve, 10))
  process.removeAllListeners('unhandledRejection')
  for (const other of others) process.on('unhandledRejection', other)
  expect(queryFn).toHaveBeenCalledTimes(2)
  expect(uncaught.mock.calls[0]?.[0]).toBe(fault)
})
