import { describe } from 'vitest'
import { scenario } from './harness'

describe('cancelQueries', () => {
  scenario('undoes a first fetch', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.fn() })
    await w.advance(5)
    w.track('cancel', w.client.cancelQueries({ queryKey: ['a'] }))
    await w.advance(20)
    w.state(['a'])
  })

  scenario('keeps the data of a query that refetches', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.fn(), initialData: 'first' })
    await w.advance(5)
    w.track('cancel', w.client.cancelQueries())
    await w.advance(20)
    w.state(['a'])
  })

  scenario('aborts the signal', async (w) => {
    w.watch({
      queryKey: ['a'],
      queryFn: ({ signal }) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            w.log('aborted')
            resolve('late')
          })
        }),
    })
    await w.advance(5)
    w.track('cancel', w.client.cancelQueries({ queryKey: ['a'] }))
    await w.advance(20)
    w.state(['a'])
  })

  scenario('without revert is an error', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.fn() })
    await w.advance(5)
    w.track('cancel', w.client.cancelQueries({ queryKey: ['a'] }, { revert: false }))
    await w.advance(20)
    w.state(['a'])
  })

  scenario('rejects the promise of fetchQuery', async (w) => {
    w.track('fetch', w.client.fetchQuery({ queryKey: ['a'], queryFn: w.fn() }))
    await w.advance(5)
    w.track('cancel', w.client.cancelQueries({ queryKey: ['a'] }))
    await w.advance(20)
  })

  scenario('resolves the promise of a refetch with the data before', async (w) => {
    w.client.setQueryData(['a'], 'old')
    await w.advance(1)
    w.track('fetch', w.client.fetchQuery({ queryKey: ['a'], queryFn: w.fn() }))
    await w.advance(5)
    w.track('cancel', w.client.cancelQueries({ queryKey: ['a'] }))
    await w.advance(20)
    w.state(['a'])
  })

  scenario('ends the retries', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.failing(3), retryDelay: 100 })
    await w.advance(50)
    w.track('cancel', w.client.cancelQueries({ queryKey: ['a'] }))
    await w.advance(500)
    w.state(['a'])
  })

  scenario('does nothing to idle queries', async (w) => {
    w.client.setQueryData(['a'], 1)
    w.track('cancel', w.client.cancelQueries())
    await w.advance(5)
    w.state(['a'])
  })

  scenario('goes back to what was set by hand during the fetch', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.fn(), initialData: 'first' })
    await w.advance(5)
    w.client.setQueryData(['a'], 'by hand')
    w.track('cancel', w.client.cancelQueries({ queryKey: ['a'] }))
    await w.advance(20)
    w.state(['a'])
  })

  scenario('a refetch takes the place of the fetch under way', async (w) => {
    const { observer } = w.watch({ queryKey: ['a'], queryFn: w.fn(), initialData: 'first' })
    await w.advance(5)
    w.track('refetch', observer.refetch())
    await w.advance(5)
    w.track('joined', observer.refetch({ cancelRefetch: false }))
    await w.advance(20)
  })

  scenario('a first fetch is not replaced by a refetch', async (w) => {
    const { observer } = w.watch({ queryKey: ['a'], queryFn: w.fn() })
    await w.advance(5)
    w.track('refetch', observer.refetch())
    await w.advance(20)
  })
})
