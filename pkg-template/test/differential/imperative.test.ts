import { describe } from 'vitest'
import { scenario } from './harness'

describe('fetchQuery', () => {
  scenario('fetches and resolves', async (w) => {
    w.track('fetch', w.client.fetchQuery({ queryKey: ['a'], queryFn: w.fn() }))
    await w.advance(20)
  })

  scenario('gives cached data within the stale time', async (w) => {
    const options = { queryKey: ['a'], queryFn: w.fn(), staleTime: 100 }
    w.track('first', w.client.fetchQuery(options))
    await w.advance(50)
    w.track('fresh', w.client.fetchQuery(options))
    await w.advance(100)
    w.track('stale', w.client.fetchQuery(options))
    await w.advance(50)
  })

  scenario('does not retry by default, and rejects', async (w) => {
    w.track('fetch', w.client.fetchQuery({ queryKey: ['a'], queryFn: w.failing(1) }))
    await w.advance(5000)
    w.state(['a'])
  })

  scenario('joins the fetch under way', async (w) => {
    const options = { queryKey: ['a'], queryFn: w.fn() }
    w.track('one', w.client.fetchQuery(options))
    w.track('two', w.client.fetchQuery(options))
    await w.advance(20)
  })

  scenario('prefetchQuery swallows result and error', async (w) => {
    w.track('good', w.client.prefetchQuery({ queryKey: ['a'], queryFn: w.fn() }))
    w.track('bad', w.client.prefetchQuery({ queryKey: ['b'], queryFn: w.failing(1) }))
    await w.advance(20)
    w.state(['b'])
  })

  scenario('ensureQueryData fetches only what is missing', async (w) => {
    const options = { queryKey: ['a'], queryFn: w.fn() }
    w.track('missing', w.client.ensureQueryData(options))
    await w.advance(20)
    w.track('there', w.client.ensureQueryData(options))
    await w.advance(20)
  })

  scenario('ensureQueryData can revalidate behind the data', async (w) => {
    w.client.setQueryData(['a'], 'old')
    await w.advance(5)
    w.track('ensure', w.client.ensureQueryData({ queryKey: ['a'], queryFn: w.fn(), revalidateIfStale: true }))
    await w.advance(20)
    w.state(['a'])
  })

  scenario('query selects', async (w) => {
    w.track('query', w.client.query({ queryKey: ['a'], queryFn: w.fn(), select: (data) => `selected ${data}` }))
    await w.advance(20)
    w.track('again', w.client.query({ queryKey: ['a'], queryFn: w.fn(), staleTime: 'static' }))
    await w.advance(20)
  })
})

describe('isFetching and filters', () => {
  scenario('isFetching counts what runs, by filter', async (w) => {
    w.show('none', w.client.isFetching())
    w.watch({ queryKey: ['a', 1], queryFn: w.fn() })
    w.watch({ queryKey: ['a', 2], queryFn: w.fn(undefined, 30) })
    w.watch({ queryKey: ['b'], queryFn: w.fn() })
    w.show('all', w.client.isFetching())
    w.show('of a', w.client.isFetching({ queryKey: ['a'] }))
    await w.advance(20)
    w.show('later', w.client.isFetching())
    await w.advance(20)
    w.show('end', w.client.isFetching())
  })

  scenario('find and findAll choose by key, type, staleness and fetch status', async (w) => {
    const cache = w.client.getQueryCache()
    const names = (queries: Array<{ queryHash: string }>) => queries.map((query) => query.queryHash)
    w.client.setQueryData(['a'], 1)
    w.client.setQueryData(['a', 'b'], 2)
    w.watch({ queryKey: ['c'], queryFn: w.fn(), staleTime: Infinity })
    w.watch({ queryKey: ['d'], queryFn: w.fn(), enabled: false }, 'disabled')
    w.show('fetching', names(cache.findAll({ fetchStatus: 'fetching' })))
    await w.advance(20)
    w.show('all', names(cache.findAll()))
    w.show('prefix', names(cache.findAll({ queryKey: ['a'] })))
    w.show('find', cache.find({ queryKey: ['a'] })?.queryHash)
    w.show('find missing', cache.find({ queryKey: ['none'] }))
    w.show('find inexact', cache.find({ queryKey: ['a', 'b'], exact: false })?.queryHash)
    w.show('active', names(cache.findAll({ type: 'active' })))
    w.show('inactive', names(cache.findAll({ type: 'inactive' })))
    w.show('stale', names(cache.findAll({ stale: true })))
    w.show('fresh', names(cache.findAll({ stale: false })))
    w.show('idle', names(cache.findAll({ fetchStatus: 'idle' })))
    w.show('none', names(cache.findAll({ queryKey: ['a'], predicate: (query) => query.state.data === 3 })))
    w.show('get', cache.get('["a"]')?.queryKey)
  })

  scenario('a query tells about itself', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.fn(), meta: { label: 'm' }, staleTime: 100 })
    const query = w.client.getQueryCache().find({ queryKey: ['a'] })!
    const tell = () => {
      w.show('about', [
        query.isActive(),
        query.isDisabled(),
        query.isStale(),
        query.isStaleByTime(50),
        query.isStaleByTime(1000),
        query.isStaleByTime('static'),
        query.getObserversCount(),
        query.isFetched(),
        query.isStatic(),
        query.meta,
      ])
    }
    tell()
    await w.advance(20)
    tell()
    await w.advance(200)
    tell()
    query.invalidate()
    tell()
  })
})

describe('cache callbacks', () => {
  scenario(
    'run once per fetch, whoever watches',
    async (w) => {
      w.watch({ queryKey: ['a'], queryFn: w.fn() }, 'first')
      w.watch({ queryKey: ['a'], queryFn: w.fn() }, 'second')
      w.watch({ queryKey: ['b'], queryFn: w.failing(9), retry: 1, retryDelay: 5 }, 'failing')
      await w.advance(100)
      w.client.setQueryData(['c'], 1)
      w.track('cancelled', w.client.fetchQuery({ queryKey: ['d'], queryFn: w.fn() }))
      w.track('cancel', w.client.cancelQueries({ queryKey: ['d'] }))
      await w.advance(50)
    },
    (w) => ({
      queryCache: new w.lib.QueryCache({
        onSuccess: (data, query) => w.log(`onSuccess ${String(data)} ${query.queryHash} ${query.state.status}`),
        onError: (error, query) => w.log(`onError ${error.message} ${query.queryHash} ${query.state.status}`),
        onSettled: (data, error, query) => w.log(`onSettled ${String(data)} ${String(error)} ${query.queryHash}`),
      }),
    }),
  )
})
