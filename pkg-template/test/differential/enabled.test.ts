import { describe } from 'vitest'
import { scenario } from './harness'

describe('enabled', () => {
  scenario('false does not fetch', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.fn(), enabled: false })
    await w.advance(20)
    w.state(['a'])
  })

  scenario('false still fetches by refetch', async (w) => {
    const { observer } = w.watch({ queryKey: ['a'], queryFn: w.fn(), enabled: false })
    w.track('refetch', observer.refetch())
    await w.advance(20)
  })

  scenario('turning true fetches', async (w) => {
    const options = { queryKey: ['a'], queryFn: w.fn() }
    const { observer } = w.watch({ ...options, enabled: false })
    await w.advance(20)
    observer.setOptions({ ...options, enabled: true })
    await w.advance(20)
  })

  scenario('turning true on fresh data does not fetch', async (w) => {
    const options = { queryKey: ['a'], queryFn: w.fn(), staleTime: 1000 }
    const { observer } = w.watch(options)
    await w.advance(20)
    observer.setOptions({ ...options, enabled: false })
    await w.advance(20)
    observer.setOptions({ ...options, enabled: true })
    await w.advance(20)
  })

  scenario('turning false leaves the fetch under way alone', async (w) => {
    const options = { queryKey: ['a'], queryFn: w.fn() }
    const { observer } = w.watch(options)
    await w.advance(5)
    observer.setOptions({ ...options, enabled: false })
    await w.advance(20)
  })

  scenario('a function decides from the query', async (w) => {
    const options = { queryKey: ['a'], queryFn: w.fn() }
    const { observer } = w.watch({ ...options, enabled: (query) => query.state.data === undefined })
    await w.advance(20)
    w.track('invalidate', w.client.invalidateQueries({ queryKey: ['a'] }))
    await w.advance(20)
    observer.setOptions({ ...options, enabled: () => true })
    await w.advance(20)
  })

  scenario('anything else is refused', (w) => {
    try {
      w.watch({ queryKey: ['a'], queryFn: w.fn(), enabled: 'yes' as unknown as boolean })
    } catch (error) {
      w.show('thrown', error)
    }
    w.log('after')
  })

  scenario('a disabled observer is told what others fetch', async (w) => {
    const queryFn = w.fn()
    w.watch({ queryKey: ['a'], queryFn, enabled: false }, 'disabled')
    w.watch({ queryKey: ['a'], queryFn }, 'enabled')
    await w.advance(20)
  })
})
