import { describe } from 'vitest'
import { scenario } from './harness'

describe('setQueryData', () => {
  scenario('makes the query, and observers see the data', async (w) => {
    w.show('returned', w.client.setQueryData(['a'], 1))
    w.watch({ queryKey: ['a'], queryFn: w.fn(), staleTime: Infinity })
    w.client.setQueryData(['a'], 2)
    await w.advance(0)
    w.state(['a'])
  })

  scenario('an updater gets the old data', async (w) => {
    w.client.setQueryData(['a'], (old: number | undefined) => (old ?? 10) + 1)
    w.client.setQueryData(['a'], (old: number | undefined) => (old ?? 10) + 1)
    w.state(['a'])
    await w.advance(0)
  })

  scenario('undefined changes nothing', async (w) => {
    w.show('returned', w.client.setQueryData(['a'], undefined))
    w.client.setQueryData(['b'], 1)
    w.show(
      'returned',
      w.client.setQueryData(['b'], () => undefined),
    )
    w.state(['a'])
    w.state(['b'])
    await w.advance(0)
  })

  scenario('updatedAt decides about staleness', async (w) => {
    w.client.setQueryData(['a'], 'old', { updatedAt: Date.now() - 1000 })
    w.watch({ queryKey: ['a'], queryFn: w.fn(), staleTime: 500 })
    await w.advance(20)
  })

  scenario('ends an error', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.failing(9), retry: false, staleTime: Infinity })
    await w.advance(20)
    w.client.setQueryData(['a'], 'by hand')
    await w.advance(20)
    w.state(['a'])
  })

  scenario('during a fetch is shown, and the fetch goes on', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.fn() })
    await w.advance(5)
    w.client.setQueryData(['a'], 'by hand')
    await w.advance(1)
    w.state(['a'])
    await w.advance(20)
  })

  scenario('setQueriesData changes only what is there', async (w) => {
    w.client.setQueryData(['a', 1], 1)
    w.client.setQueryData(['a', 2], 2)
    w.client.setQueryData(['b'], 3)
    w.show(
      'returned',
      w.client.setQueriesData({ queryKey: ['a'] }, (old: number | undefined) => (old ?? 0) * 10),
    )
    w.show('all', w.client.getQueriesData({}))
    await w.advance(0)
  })

  scenario('getQueryData gives the very data that was set', async (w) => {
    const data = { nested: [1] }
    w.client.setQueryData(['a'], data)
    w.show('same', w.client.getQueryData(['a']) === data)
    w.client.setQueryData(['a'], { nested: [1] })
    w.show('shared', w.client.getQueryData(['a']) === data)
    w.show('missing', w.client.getQueryData(['none']))
    await w.advance(0)
  })
})
