import { describe } from 'vitest'
import { scenario } from './harness'

describe('refetchQueries', () => {
  scenario('refetches fresh data too, watched or not', async (w) => {
    w.track('fetch', w.client.fetchQuery({ queryKey: ['a'], queryFn: w.fn() }))
    w.watch({ queryKey: ['b'], queryFn: w.fn(), staleTime: Infinity })
    await w.advance(20)
    w.track('refetch', w.client.refetchQueries())
    await w.advance(20)
  })

  scenario('leaves alone what never had a fetch', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.fn(), enabled: false })
    w.track('refetch', w.client.refetchQueries())
    await w.advance(20)
  })

  scenario('can choose the stale ones', async (w) => {
    w.watch({ queryKey: ['fresh'], queryFn: w.fn(), staleTime: Infinity }, 'fresh')
    w.watch({ queryKey: ['stale'], queryFn: w.fn() }, 'stale')
    await w.advance(20)
    w.track('refetch', w.client.refetchQueries({ stale: true }))
    await w.advance(20)
  })
})

describe('resetQueries', () => {
  scenario('goes back to the beginning and fetches what is watched', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.fn() })
    w.client.setQueryData(['b'], 1)
    await w.advance(20)
    w.track('reset', w.client.resetQueries())
    await w.advance(20)
    w.state(['a'])
    w.state(['b'])
  })

  scenario('goes back to the initial data', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.fn(), initialData: 'first', staleTime: Infinity })
    w.client.setQueryData(['a'], 'changed')
    await w.advance(5)
    w.track('reset', w.client.resetQueries({ queryKey: ['a'] }))
    await w.advance(20)
    w.state(['a'])
  })

  scenario('ends the fetch under way', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.fn() })
    await w.advance(5)
    w.track('reset', w.client.resetQueries())
    await w.advance(50)
    w.state(['a'])
  })
})

describe('removeQueries', () => {
  scenario('forgets', async (w) => {
    w.client.setQueryData(['a'], 1)
    w.client.setQueryData(['a', 1], 1)
    w.client.setQueryData(['b'], 1)
    w.client.removeQueries({ queryKey: ['a'] })
    w.show(
      'left',
      w.client
        .getQueryCache()
        .getAll()
        .map((query) => query.queryHash),
    )
    await w.advance(0)
  })

  scenario('an observer goes on with a new query when it fetches again', async (w) => {
    const { observer } = w.watch({ queryKey: ['a'], queryFn: w.fn() })
    await w.advance(20)
    w.client.removeQueries()
    w.state(['a'])
    w.track('refetch', observer.refetch())
    await w.advance(20)
    w.state(['a'])
  })

  scenario('during a fetch drops its outcome', async (w) => {
    w.track('fetch', w.client.fetchQuery({ queryKey: ['a'], queryFn: w.fn() }))
    await w.advance(5)
    w.client.removeQueries()
    await w.advance(20)
    w.state(['a'])
  })

  scenario('clear forgets everything', async (w) => {
    w.client.setQueryData(['a'], 1)
    w.watch({ queryKey: ['b'], queryFn: w.fn() })
    await w.advance(20)
    w.client.clear()
    w.show('left', w.client.getQueryCache().getAll().length)
    await w.advance(20)
  })
})
