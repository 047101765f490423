import { describe } from 'vitest'
import { scenario } from './harness'

describe('initialData', () => {
  scenario('is in the cache and is refetched when stale', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.fn(), initialData: 'first' })
    w.state(['a'])
    await w.advance(20)
  })

  scenario('counts as fetched now', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.fn(), initialData: 'first', staleTime: 100 })
    await w.advance(50)
    await w.advance(100)
  })

  scenario('initialDataUpdatedAt says how old it is', async (w) => {
    w.watch({
      queryKey: ['a'],
      queryFn: w.fn(),
      initialData: 'first',
      initialDataUpdatedAt: () => Date.now() - 200,
      staleTime: 100,
    })
    await w.advance(20)
  })

  scenario('initialDataUpdatedAt 0 is never fresh', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.fn(), initialData: 'first', initialDataUpdatedAt: 0, staleTime: 100_000 })
    await w.advance(20)
  })

  scenario('a function is called once', async (w) => {
    let calls = 0
    w.watch({
      queryKey: ['a'],
      queryFn: w.fn(),
      staleTime: Infinity,
      initialData: () => {
        w.log('initialData called')
        return `first${++calls}`
      },
    })
    await w.advance(20)
  })

  scenario('does not replace data that is there', async (w) => {
    w.client.setQueryData(['a'], 'there')
    w.watch({ queryKey: ['a'], queryFn: w.fn(), initialData: 'first', staleTime: Infinity })
    await w.advance(20)
  })

  scenario('of a later observer fills an empty query', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.fn(), enabled: false }, 'empty')
    w.watch({ queryKey: ['a'], queryFn: w.fn(), initialData: 'late', staleTime: Infinity }, 'late')
    await w.advance(20)
    w.state(['a'])
  })
})

describe('placeholderData', () => {
  scenario('is shown, not stored', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.fn(), placeholderData: 'soon' })
    w.state(['a'])
    await w.advance(20)
  })

  scenario('goes through select', async (w) => {
    w.watch({
      queryKey: ['a'],
      queryFn: w.fn((call) => [call]),
      placeholderData: [0],
      select: (data: number[]) => data.map((item) => item * 10),
    })
    await w.advance(20)
  })

  scenario('a function gets the previous data and query', async (w) => {
    const queryFn = w.fn((_, { queryKey }) => `of ${String(queryKey[1])}`)
    const placeholderData = (previous: string | undefined, query: { queryKey: readonly unknown[] } | undefined) => {
      w.log(`placeholder? ${String(previous)} ${JSON.stringify(query?.queryKey)}`)
      return previous
    }
    const { observer } = w.watch({ queryKey: ['a', 1], queryFn, placeholderData })
    await w.advance(20)
    observer.setOptions({ queryKey: ['a', 2], queryFn, placeholderData })
    await w.advance(20)
  })

  scenario('keepPreviousData shows the last page until the next is there', async (w) => {
    const queryFn = w.fn((_, { queryKey }) => `page ${String(queryKey[1])}`)
    const options = { queryFn, placeholderData: w.lib.keepPreviousData }
    const { observer } = w.watch({ ...options, queryKey: ['page', 1] })
    await w.advance(20)
    observer.setOptions({ ...options, queryKey: ['page', 2] })
    await w.advance(5)
    observer.setOptions({ ...options, queryKey: ['page', 3] })
    await w.advance(20)
    observer.setOptions({ ...options, queryKey: ['page', 1] })
    await w.advance(20)
  })

  scenario('is gone when the fetch fails', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.failing(9), retry: false, placeholderData: 'soon' })
    await w.advance(20)
  })
})
