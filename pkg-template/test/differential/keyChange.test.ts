import { describe } from 'vitest'
import { scenario } from './harness'

describe('a changed key', () => {
  scenario('fetches the new query and forgets the old data', async (w) => {
    const queryFn = w.fn((_, { queryKey }) => `of ${String(queryKey[1])}`)
    const { observer } = w.watch({ queryKey: ['a', 1], queryFn })
    await w.advance(20)
    observer.setOptions({ queryKey: ['a', 2], queryFn })
    await w.advance(20)
    w.show('keys', observer.getCurrentQuery().queryKey)
  })

  scenario('shows fresh data of the new query at once', async (w) => {
    const options = { queryFn: w.fn(), staleTime: Infinity }
    w.client.setQueryData(['a', 2], 'there')
    const { observer } = w.watch({ ...options, queryKey: ['a', 1] })
    await w.advance(20)
    observer.setOptions({ ...options, queryKey: ['a', 2] })
    await w.advance(20)
    observer.setOptions({ ...options, queryKey: ['a', 1] })
    await w.advance(20)
  })

  scenario('during a fetch leaves that to end by itself', async (w) => {
    const queryFn = w.fn()
    const { observer } = w.watch({ queryKey: ['a', 1], queryFn })
    await w.advance(5)
    observer.setOptions({ queryKey: ['a', 2], queryFn })
    await w.advance(50)
    w.state(['a', 1])
    w.state(['a', 2])
  })

  scenario('to an equal key is no change', async (w) => {
    const queryFn = w.fn()
    const { observer } = w.watch({ queryKey: ['a', { x: 1, y: 2 }], queryFn })
    await w.advance(20)
    observer.setOptions({ queryKey: ['a', { y: 2, x: 1 }], queryFn })
    await w.advance(20)
  })

  scenario('the old query is collected', async (w) => {
    const options = { queryFn: w.fn(), gcTime: 100 }
    const { observer } = w.watch({ ...options, queryKey: ['a', 1] })
    await w.advance(20)
    observer.setOptions({ ...options, queryKey: ['a', 2] })
    await w.advance(150)
    w.state(['a', 1])
  })

  scenario('moves the polling', async (w) => {
    const options = { queryFn: w.fn(), refetchInterval: 100 }
    const { observer } = w.watch({ ...options, queryKey: ['a', 1] })
    await w.advance(150)
    observer.setOptions({ ...options, queryKey: ['a', 2] })
    await w.advance(250)
  })
})
