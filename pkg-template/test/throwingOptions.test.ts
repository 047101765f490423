import { InfiniteQueryObserver, MutationObserver, QueryClient, QueryObserver } from 'samekey'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { uncaughtIn } from './uncaught'

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

it.each(['getNextPageParam', 'getPreviousPageParam'] as const)('a `%s` that throws says that there is no such page, and the pages are shown to all', async (option) => {
  const client = new QueryClient()
  let isFaulty = true
  const sound = { queryKey: ['list'], queryFn: ({ pageParam }: { pageParam: number }) => pageParam, initialPageParam: 1, getNextPageParam: () => 2, getPreviousPageParam: () => 0, retry: false }
  const faulty = new InfiniteQueryObserver(client, { ...sound, [option]: () => (isFaulty ? throwing() : 3) })
  const other = new InfiniteQueryObserver(client, sound)
  const events = vi.fn()
  client.getQueryCache().subscribe(({ type }) => void (type === 'updated' && events()))
  const uncaught = await uncaughtIn(async () => {
    for (const observer of [faulty, other]) observer.subscribe(() => {})
    await vi.advanceTimersByTimeAsync(10)
    for (const observer of [faulty, other]) expect(observer.getCurrentResult()).toMatchObject({ data: { pages: [1] }, status: 'success', fetchStatus: 'idle' })
    const [has, fetch] = option === 'getNextPageParam' ? (['hasNextPage', 'fetchNextPage'] as const) : (['hasPreviousPage', 'fetchPreviousPage'] as const)
    expect([faulty.getCurrentResult()[has], other.getCurrentResult()[has]]).toEqual([false, true])
    expect(events).toHaveBeenCalledTimes(2)
    // Who asks for it all the same is told why there is none.
    expect(await faulty[fetch]()).toMatchObject({ status: 'error', error: fault, fetchStatus: 'idle', data: { pages: [1] } })
    isFaulty = false
    expect(await faulty[fetch]()).toMatchObject({ status: 'success', [has]: true })
  })
  expect(uncaught.length).toBeGreaterThan(0)
  expect(new Set(uncaught)).toEqual(new Set([fault]))
})

it.each(['enabled', 'staleTime', 'refetchInterval', 'refetchOnMount', 'notifyOnChangeProps', 'listener'])('a `%s` that throws when data comes keeps it from nobody', async (option) => {
  const client = new QueryClient()
  const answers: Record<string, unknown> = { staleTime: 0, refetchInterval: false, notifyOnChangeProps: 'all' }
  let isFaulty = false
  const asked = () => (isFaulty ? throwing() : (answers[option] ?? true))
  const queryFn = () => new Promise((resolve) => setTimeout(() => resolve('data'), 5))
  const faulty = new QueryObserver(client, { queryKey: ['a'], queryFn, [option]: asked })
  const other = new QueryObserver(client, { queryKey: ['a'], queryFn })
  const [heard, events] = [vi.fn(), vi.fn()]
  client.getQueryCache().subscribe((event) => void (event.type === 'updated' && events(event.action.type)))
  const uncaught = await uncaughtIn(async () => {
    faulty.subscribe(() => void (option === 'listener' && asked()))
    other.subscribe(heard)
    isFaulty = true
    const fetched = client.fetchQuery({ queryKey: ['a'], queryFn })
    await vi.advanceTimersByTimeAsync(10)
    expect(await fetched).toBe('data')
    isFaulty = false
  })
  for (const observer of [faulty, other]) expect(observer.getCurrentResult()).toMatchObject({ data: 'data', fetchStatus: 'idle' })
  expect(heard).toHaveBeenLastCalledWith(expect.objectContaining({ data: 'data' }))
  expect(events).toHaveBeenLastCalledWith('success')
  expect(uncaught).toEqual([fault])
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
  const uncaught = await uncaughtIn(async () => {
    isFaulty = true
    await client.invalidateQueries({ queryKey: ['sound'] })
    isFaulty = false
  })
  expect(queryFn).toHaveBeenCalledTimes(2)
  expect(uncaught[0]).toBe(fault)
})
