import { describe } from 'vitest'
import { scenario } from './harness'

describe('defaults', () => {
  scenario(
    'of the client serve every query',
    async (w) => {
      w.watch({ queryKey: ['a'] })
      await w.advance(50)
      w.watch({ queryKey: ['a'] }, 'second')
      await w.advance(50)
      w.show('defaults', w.client.getDefaultOptions())
    },
    (w) => ({ defaultOptions: { queries: { queryFn: w.fn(), staleTime: 1000 } } }),
  )

  scenario('of a prefix serve the keys under it, later ones over earlier ones', async (w) => {
    w.client.setQueryDefaults(['a'], { staleTime: 1000, queryFn: w.fn(), gcTime: 1 })
    w.client.setQueryDefaults(['a', 'b'], { staleTime: 2000, retry: 1 })
    w.show('of a', w.client.getQueryDefaults(['a']))
    w.show('of a b', w.client.getQueryDefaults(['a', 'b', 'c']))
    w.show('of x', w.client.getQueryDefaults(['x']))
    w.watch({ queryKey: ['a', 'b', 'c'] })
    await w.advance(50)
  })

  scenario('an option given beats them', async (w) => {
    w.client.setDefaultOptions({ queries: { staleTime: Infinity, queryFn: w.fn(() => 'default') } })
    w.watch({ queryKey: ['a'], queryFn: w.fn(() => 'given'), staleTime: 0 })
    await w.advance(50)
  })

  scenario('defaultQueryOptions puts them in once', (w) => {
    w.client.setDefaultOptions({ queries: { retry: 7 } })
    const once = w.client.defaultQueryOptions({ queryKey: ['a', { b: 1, a: 2 }] })
    w.show('once', once)
    w.show('twice is the same', w.client.defaultQueryOptions(once) === once)
    w.show('always', w.client.defaultQueryOptions({ queryKey: ['a'], networkMode: 'always' }).refetchOnReconnect)
    w.show('skip', w.client.defaultQueryOptions({ queryKey: ['a'], queryFn: w.lib.skipToken }).enabled)
  })

  scenario('a hash function of one’s own decides what is one query', async (w) => {
    const options = { queryFn: w.fn(), queryKeyHashFn: (key: readonly unknown[]) => String(key[0]).toLowerCase() }
    w.watch({ ...options, queryKey: ['A'] }, 'upper')
    w.watch({ ...options, queryKey: ['a'] }, 'lower')
    await w.advance(20)
  })
})
