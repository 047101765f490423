import { describe } from 'vitest'
import { scenario, type World } from './harness'

async function fill(w: World) {
  for (const key of [['a'], ['a', 1], ['a', 2], ['a', 1, { page: 1 }], ['b'], ['b', { x: 1, y: { z: 2, q: 3 } }]]) {
    w.watch({ queryKey: key, queryFn: w.fn(), staleTime: Infinity }, JSON.stringify(key))
  }
  await w.advance(20)
}

describe('invalidateQueries', () => {
  scenario('refetches what is watched', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.fn(), staleTime: Infinity })
    await w.advance(20)
    w.track('invalidate', w.client.invalidateQueries())
    await w.advance(20)
    w.state(['a'])
  })

  scenario('marks what nobody watches', async (w) => {
    w.client.setQueryData(['a'], 1)
    w.track('invalidate', w.client.invalidateQueries())
    await w.advance(20)
    w.state(['a'])
    w.watch({ queryKey: ['a'], queryFn: w.fn(), staleTime: Infinity })
    await w.advance(20)
  })

  scenario('matches arrays by prefix', async (w) => {
    await fill(w)
    w.track('invalidate', w.client.invalidateQueries({ queryKey: ['a', 1] }))
    await w.advance(20)
  })

  scenario('matches objects by subset at any depth', async (w) => {
    await fill(w)
    w.track('invalidate', w.client.invalidateQueries({ queryKey: ['b', { y: { z: 2 } }] }))
    await w.advance(20)
    w.track('none', w.client.invalidateQueries({ queryKey: ['b', { y: { z: 3 } }] }))
    await w.advance(20)
  })

  scenario('exact matches one', async (w) => {
    await fill(w)
    w.track('invalidate', w.client.invalidateQueries({ queryKey: ['a'], exact: true }))
    await w.advance(20)
    w.track('reordered', w.client.invalidateQueries({ queryKey: ['b', { y: { q: 3, z: 2 }, x: 1 }], exact: true }))
    await w.advance(20)
  })

  scenario('a predicate chooses', async (w) => {
    await fill(w)
    w.track('invalidate', w.client.invalidateQueries({ predicate: (query) => query.queryKey[1] === 2 }))
    await w.advance(20)
  })

  scenario('refetchType none only marks', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.fn(), staleTime: Infinity })
    await w.advance(20)
    w.track('invalidate', w.client.invalidateQueries({ refetchType: 'none' }))
    await w.advance(20)
    w.state(['a'])
  })

  scenario('refetchType all refetches what nobody watches', async (w) => {
    w.track('fetch', w.client.fetchQuery({ queryKey: ['a'], queryFn: w.fn() }))
    await w.advance(20)
    w.track('invalidate', w.client.invalidateQueries({ refetchType: 'all' }))
    await w.advance(20)
    w.state(['a'])
  })

  scenario('refetchType inactive refetches only what nobody watches', async (w) => {
    w.track('fetch', w.client.fetchQuery({ queryKey: ['a'], queryFn: w.fn() }))
    w.watch({ queryKey: ['b'], queryFn: w.fn(), staleTime: Infinity })
    await w.advance(20)
    w.track('invalidate', w.client.invalidateQueries({ refetchType: 'inactive' }))
    await w.advance(20)
  })

  scenario('type active leaves the inactive unmarked', async (w) => {
    w.client.setQueryData(['a'], 1)
    w.watch({ queryKey: ['b'], queryFn: w.fn(), staleTime: Infinity })
    await w.advance(20)
    w.track('invalidate', w.client.invalidateQueries({ type: 'active' }))
    await w.advance(20)
    w.state(['a'])
  })

  scenario('does not refetch disabled queries, but marks them', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.fn(), enabled: false, initialData: 1, staleTime: Infinity })
    w.track('invalidate', w.client.invalidateQueries())
    await w.advance(20)
    w.state(['a'])
  })

  scenario('during a fetch begins a new one', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.fn(), initialData: 0 as unknown })
    await w.advance(5)
    w.track('invalidate', w.client.invalidateQueries())
    await w.advance(20)
  })

  scenario('with cancelRefetch false joins the fetch under way', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.fn(), initialData: 0 as unknown })
    await w.advance(5)
    w.track('invalidate', w.client.invalidateQueries({}, { cancelRefetch: false }))
    await w.advance(20)
  })

  scenario('rejects only when told to', async (w) => {
    const queryFn = w.fn((call) => {
      if (call > 1) throw new Error('later')
      return call
    })
    w.watch({ queryKey: ['a'], queryFn, retry: false })
    await w.advance(20)
    w.track('silent', w.client.invalidateQueries())
    await w.advance(20)
    w.track('loud', w.client.invalidateQueries({}, { throwOnError: true }))
    await w.advance(20)
  })

  scenario('twice in a row marks once', async (w) => {
    w.client.setQueryData(['a'], 1)
    w.track('one', w.client.invalidateQueries())
    w.track('two', w.client.invalidateQueries())
    await w.advance(5)
  })
})
