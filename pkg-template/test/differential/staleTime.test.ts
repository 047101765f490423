import { describe } from 'vitest'
import { scenario } from './harness'

describe('staleTime', () => {
  scenario('0 makes data stale at once', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.fn(), staleTime: 0 })
    await w.advance(20)
    w.watch({ queryKey: ['a'], queryFn: w.fn(), staleTime: 0 }, 'second')
    await w.advance(20)
  })

  scenario('data becomes stale when its time is up, and listeners hear of it', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.fn(), staleTime: 100 })
    await w.advance(50)
    await w.advance(100)
  })

  scenario('fresh data is not fetched by a second observer', async (w) => {
    const options = { queryKey: ['a'], queryFn: w.fn(), staleTime: 100 }
    w.watch(options, 'first')
    await w.advance(50)
    w.watch(options, 'second')
    await w.advance(20)
    await w.advance(100)
    w.watch(options, 'third')
    await w.advance(20)
  })

  scenario('each observer counts with its own stale time', async (w) => {
    const queryFn = w.fn()
    w.watch({ queryKey: ['a'], queryFn, staleTime: 50 }, 'short')
    w.watch({ queryKey: ['a'], queryFn, staleTime: 200 }, 'long')
    await w.advance(100)
    await w.advance(200)
  })

  scenario('Infinity never becomes stale by age, but by invalidation', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.fn(), staleTime: Infinity })
    await w.advance(1_000_000)
    w.track('invalidate', w.client.invalidateQueries({ queryKey: ['a'] }))
    await w.advance(20)
  })

  scenario("'static' is never stale, not even by invalidation", async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.fn(), staleTime: 'static' })
    await w.advance(1000)
    w.track('invalidate', w.client.invalidateQueries({ queryKey: ['a'] }))
    await w.advance(20)
    w.track('refetch', w.client.refetchQueries({ queryKey: ['a'] }))
    await w.advance(20)
    w.state(['a'])
  })

  scenario('a function decides from the query', async (w) => {
    w.watch({
      queryKey: ['a'],
      queryFn: w.fn((call) => ({ ttl: call * 100 })),
      staleTime: (query) => (query.state.data as { ttl: number } | undefined)?.ttl ?? 0,
    })
    await w.advance(50)
    await w.advance(100)
  })

  scenario('a changed stale time counts from the last fetch', async (w) => {
    const queryFn = w.fn()
    const { observer } = w.watch({ queryKey: ['a'], queryFn, staleTime: 1000 })
    await w.advance(100)
    observer.setOptions({ queryKey: ['a'], queryFn, staleTime: 50 })
    await w.advance(20)
    observer.setOptions({ queryKey: ['a'], queryFn, staleTime: 500 })
    await w.advance(20)
    await w.advance(500)
  })

  scenario('a new fetch makes data fresh again', async (w) => {
    const { observer } = w.watch({ queryKey: ['a'], queryFn: w.fn(), staleTime: 100 })
    await w.advance(80)
    w.track('refetch', observer.refetch())
    await w.advance(80)
    await w.advance(80)
  })
})
