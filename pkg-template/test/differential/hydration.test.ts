import { describe } from 'vitest'
import { scenario } from './harness'

/** What travels: JSON, as a page has it in itself. */
const sent = <T>(state: T): T => JSON.parse(JSON.stringify(state)) as T

describe('dehydrate', () => {
  scenario('takes what succeeded, and what waits for the network', async (w) => {
    w.client.setQueryData(['a'], { n: 1 })
    void w.client.prefetchQuery({ queryKey: ['b'], queryFn: w.failing(9), retry: false })
    void w.client.prefetchQuery({ queryKey: ['c'], queryFn: w.fn(), meta: { of: 'c' } })
    await w.advance(20)
    void w.client.prefetchQuery({ queryKey: ['d'], queryFn: w.fn() })
    w.show('state', w.lib.dehydrate(w.client))
    w.show('errors too', w.lib.dehydrate(w.client, { shouldDehydrateQuery: ({ state }) => state.status === 'error' }))
    w.show('by default', w.lib.defaultShouldDehydrateQuery(w.client.getQueryCache().find({ queryKey: ['a'] })!))
    await w.advance(20)
  })

  scenario('asks the client’s defaults, and the call before them', (w) => {
    w.client.setDefaultOptions({ dehydrate: { shouldDehydrateQuery: () => false, serializeData: (data: number) => data + 1 } })
    w.client.setQueryData(['a'], 1)
    w.show('none', w.lib.dehydrate(w.client))
    w.show('all', w.lib.dehydrate(w.client, { shouldDehydrateQuery: () => true }))
  })
})

describe('hydrate', () => {
  scenario('makes queries that are there at once, and fresh for as long as they would have been', async (w) => {
    const other = new w.lib.QueryClient()
    other.setQueryData(['a'], { n: 1 })
    const state = sent(w.lib.dehydrate(other))
    other.clear()
    await w.advance(1000)
    w.lib.hydrate(w.client, state)
    w.show('data', w.client.getQueryData(['a']))
    w.show('state', w.client.getQueryState(['a']))
    w.watch({ queryKey: ['a'], queryFn: w.fn(), staleTime: 1500 })
    await w.advance(400)
    await w.advance(200)
  })

  scenario('lets newer data stay, and replaces older', (w) => {
    const older = new w.lib.QueryClient()
    older.setQueryData(['a'], 'older', { updatedAt: 10 })
    w.client.setQueryData(['a'], 'here', { updatedAt: 20 })
    w.lib.hydrate(w.client, sent(w.lib.dehydrate(older)))
    w.show('stays', w.client.getQueryData(['a']))
    older.setQueryData(['a'], 'newer', { updatedAt: 30 })
    w.lib.hydrate(w.client, sent(w.lib.dehydrate(older)))
    w.show('replaced', w.client.getQueryState(['a']))
    older.clear()
  })

  scenario('into a query that is being fetched lets the fetch go on', async (w) => {
    const other = new w.lib.QueryClient()
    w.watch({ queryKey: ['a'], queryFn: w.fn() })
    await w.advance(5)
    other.setQueryData(['a'], 'sent')
    w.lib.hydrate(w.client, sent(w.lib.dehydrate(other)))
    w.show('state', w.client.getQueryState(['a']))
    await w.advance(20)
    other.clear()
  })

  scenario('into a query that waits for its next attempt, and then gives up, leaves its error', async (w) => {
    const { stop } = w.watch({ queryKey: ['a'], queryFn: w.failing(9), retry: 3, retryDelay: 50 })
    await w.advance(20)
    const other = new w.lib.QueryClient()
    other.setQueryData(['a'], 'sent')
    w.lib.hydrate(w.client, sent(w.lib.dehydrate(other)))
    stop()
    await w.advance(100)
    w.state(['a'])
    other.clear()
  })

  scenario('by a clock that is ahead counts from then', async (w) => {
    const other = new w.lib.QueryClient()
    other.setQueryData(['a'], 'sent', { updatedAt: Date.now() + 500 })
    w.lib.hydrate(w.client, sent(w.lib.dehydrate(other)))
    w.watch({ queryKey: ['a'], queryFn: w.fn(), staleTime: 100 })
    await w.advance(300)
    await w.advance(400)
    w.client.setQueryData(['a'], 'here')
    w.lib.hydrate(w.client, sent(w.lib.dehydrate(other)))
    w.state(['a'])
    other.clear()
  })

  scenario('takes nothing for nothing', (w) => {
    w.client.setQueryData(['a'], 1)
    for (const nothing of [undefined, null, 'text', {}, { queries: [] }]) w.lib.hydrate(w.client, nothing)
    w.show('queries', w.client.getQueryCache().getAll().length)
  })

  scenario('gives queries their defaults, and deserialises', async (w) => {
    const other = new w.lib.QueryClient()
    other.setQueryData(['a'], 1)
    w.client.setDefaultOptions({ hydrate: { deserializeData: (data: number) => data * 10, queries: { gcTime: 500 } } })
    w.lib.hydrate(w.client, sent(w.lib.dehydrate(other)))
    w.show('data', w.client.getQueryData(['a']))
    w.show('gcTime', w.client.getQueryCache().find({ queryKey: ['a'] })?.gcTime)
    await w.advance(600)
    w.show('collected', w.client.getQueryData(['a']))
    w.lib.hydrate(w.client, sent(w.lib.dehydrate(other)), { defaultOptions: { deserializeData: (data: number) => -data } })
    w.show('data', w.client.getQueryData(['a']))
    other.clear()
  })

  scenario('brings the error of a query, if that was wanted', async (w) => {
    const other = new w.lib.QueryClient()
    void other.prefetchQuery({ queryKey: ['a'], queryFn: () => Promise.reject(new Error('on the server')), retry: false })
    await w.advance(5)
    w.lib.hydrate(w.client, w.lib.dehydrate(other, { shouldDehydrateQuery: () => true }))
    w.show('state', w.client.getQueryState(['a']))
    other.clear()
  })

  scenario('goes on with a mutation that waited for the network', async (w) => {
    const other = new w.lib.QueryClient()
    w.lib.onlineManager.setOnline(false)
    const mutation = new w.lib.MutationObserver(other, { mutationKey: ['add'], mutationFn: async (n: number) => Promise.resolve(n), scope: { id: 's' }, meta: { m: 1 } })
    void mutation.mutate(5)
    await w.advance(5)
    const state = sent(w.lib.dehydrate(other))
    w.show('sent', state)
    w.client.setMutationDefaults(['add'], { mutationFn: w.fn((n: unknown) => `done ${String(n)}`) as never })
    w.lib.hydrate(w.client, state)
    w.lib.onlineManager.setOnline(true)
    await w.advance(5)
    await w.client.resumePausedMutations()
    await w.advance(20)
    w.show('mutations', w.client.getMutationCache().getAll().map(({ state: { status, variables } }) => [status, variables]))
    other.clear()
  })
})

describe('a query that was pending when it was sent', () => {
  const pending = { shouldDehydrateQuery: () => true }

  scenario('gets its data from the promise, without a fetch of its own', async (w) => {
    const other = new w.lib.QueryClient()
    void other.prefetchQuery({ queryKey: ['a'], queryFn: w.fn() })
    const state = w.lib.dehydrate(other, pending)
    w.lib.hydrate(w.client, state)
    w.show('before', w.client.getQueryState(['a']))
    w.watch({ queryKey: ['a'], queryFn: w.fn(), staleTime: 1000 })
    await w.advance(20)
    w.show('after', w.client.getQueryState(['a']))
    other.clear()
  })

  scenario('fails without a word of the server, and is fetched', async (w) => {
    const other = new w.lib.QueryClient({ defaultOptions: { queries: { retry: false } } })
    void other.prefetchQuery({ queryKey: ['a'], queryFn: w.failing(1) })
    w.lib.hydrate(w.client, w.lib.dehydrate(other, pending))
    w.watch({ queryKey: ['a'], queryFn: w.fn(), retry: 1, retryDelay: 10 })
    await w.advance(20)
    await w.advance(50)
    other.clear()
  })

  scenario('says more where that is allowed', async (w) => {
    const other = new w.lib.QueryClient({ defaultOptions: { queries: { retry: false } } })
    void other.prefetchQuery({ queryKey: ['a'], queryFn: w.failing(9) })
    w.lib.hydrate(w.client, w.lib.dehydrate(other, { ...pending, shouldRedactErrors: () => false }))
    await w.advance(20)
    w.show('error', w.client.getQueryState(['a'])?.error)
    other.clear()
  })

  scenario('whose promise is settled at once is there at once', async (w) => {
    const at = Date.now()
    const done = { then: (use: (data: string) => unknown) => use('at once') }
    const state = {
      mutations: [],
      queries: [
        {
          queryKey: ['a'],
          queryHash: '["a"]',
          dehydratedAt: at + 5,
          promise: done as unknown as Promise<unknown>,
          state: { data: undefined, dataUpdateCount: 0, dataUpdatedAt: 0, error: null, errorUpdateCount: 0, errorUpdatedAt: 0, fetchFailureCount: 0, fetchFailureReason: null, fetchMeta: null, isInvalidated: false, status: 'pending' as const, fetchStatus: 'fetching' as const },
        },
      ],
    }
    w.lib.hydrate(w.client, state)
    w.show('new', w.client.getQueryState(['a']))
    w.client.setQueryData(['a'], 'here', { updatedAt: at })
    w.lib.hydrate(w.client, state)
    w.show('newer', w.client.getQueryState(['a']))
    await w.advance(20)
  })
})
