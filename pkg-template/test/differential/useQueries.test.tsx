import { describe } from 'vitest'
import { show } from './format'
import { scenario } from './harness'
import { staged } from './stage'

describe('QueriesObserver', () => {
  scenario('tells every change of every query', async (w) => {
    const observer = new w.lib.QueriesObserver(w.client, [
      { queryKey: ['a'], queryFn: w.fn() },
      { queryKey: ['b'], queryFn: w.fn(undefined, 20) },
    ])
    const stop = observer.subscribe((results) => w.log(`results ${show(results.map(({ data }) => data))}`))
    w.defer(stop)
    await w.advance(50)
    w.show(
      'queries',
      observer.getQueries().map((query) => query.queryHash),
    )
  })

  scenario('keeps the observers of queries that stay', async (w) => {
    const a = { queryKey: ['a'], queryFn: w.fn(), staleTime: Infinity }
    const b = { queryKey: ['b'], queryFn: w.fn(), staleTime: Infinity }
    const c = { queryKey: ['c'], queryFn: w.fn(), staleTime: Infinity }
    const observer = new w.lib.QueriesObserver(w.client, [a, b])
    w.defer(observer.subscribe((results) => w.log(`results ${show(results.map(({ data }) => data))}`)))
    await w.advance(50)
    const [first] = observer.getObservers()
    observer.setQueries([c, a])
    w.show('kept', observer.getObservers()[1] === first)
    await w.advance(50)
    observer.setQueries([a])
    await w.advance(50)
    observer.setQueries([])
    await w.advance(50)
  })

  scenario('duplicates are warned about and both served', async (w) => {
    const a = { queryKey: ['a'], queryFn: w.fn() }
    const observer = new w.lib.QueriesObserver(w.client, [a, a])
    w.defer(observer.subscribe((results) => w.log(`results ${show(results.map(({ data }) => data))}`)))
    await w.advance(50)
  })

  scenario('stops everything when the last listener leaves', async (w) => {
    const observer = new w.lib.QueriesObserver(w.client, [{ queryKey: ['a'], queryFn: w.fn(), refetchInterval: 10 }])
    const stop = observer.subscribe(() => w.log('told'))
    await w.advance(25)
    stop()
    await w.advance(50)
  })
})

for (const strict of [false, true]) {
  describe(strict ? 'useQueries in StrictMode' : 'useQueries', () => {
    const play: typeof staged = (title, story) => staged(title, story, strict)

    play('shows a list of queries', async (s, w) => {
      const queryFn = w.fn((_, { queryKey }) => `of ${String(queryKey[1])}`)
      const Page = ({ ids }: { ids: number[] }) => {
        const results = w.lib.useQueries({
          queries: ids.map((id) => ({ queryKey: ['item', id], queryFn, staleTime: Infinity })),
        })
        s.saw(
          'page',
          results.map(({ data, status }) => ({ data, status })),
        )
        return null
      }
      s.render(<Page ids={[1, 2]} />)
      await s.advance(20)
      s.render(<Page ids={[2, 3, 1]} />)
      await s.advance(20)
      s.render(<Page ids={[]} />)
      await s.advance(20)
    })

    play('combine makes one value, and an equal one does not render', async (s, w) => {
      const queryFn = w.fn((_, { queryKey }) => Number(queryKey[1]))
      const combine = (results: Array<{ data?: number | undefined; isPending: boolean }>) => ({
        sum: results.reduce((sum, { data }) => sum + (data ?? 0), 0),
        pending: results.some(({ isPending }) => isPending),
      })
      const Page = () => {
        s.saw('page', w.lib.useQueries({ queries: [1, 2, 3].map((id) => ({ queryKey: ['n', id], queryFn })), combine }))
        return null
      }
      s.render(<Page />)
      await s.advance(20)
      await s.act(() => void w.client.invalidateQueries())
      await s.advance(20)
      await s.act(() => w.client.setQueryData(['n', 2], 20))
      await s.advance(20)
    })

    play('an inline combine runs with each render', async (s, w) => {
      const queryFn = w.fn((_, { queryKey }) => Number(queryKey[1]))
      const Page = ({ factor }: { factor: number }) => {
        const values = w.lib.useQueries({
          queries: [1, 2].map((id) => ({ queryKey: ['n', id], queryFn, staleTime: Infinity })),
          combine: (results) => results.map(({ data }) => (data ?? 0) * factor),
        })
        s.saw('page', values)
        return null
      }
      s.render(<Page factor={1} />)
      await s.advance(20)
      s.render(<Page factor={10} />)
      await s.advance(20)
    })

    play('a list that comes to a fetch which others began shows how that stands', async (s, w) => {
      const failing = w.failing(9)
      const slow = w.fn(undefined, 500)
      const one = { queryKey: ['n', 1], queryFn: failing, retryDelay: 100 }
      const two = { queryKey: ['n', 2], queryFn: slow }
      w.watch(one, 'other')
      w.watch(two, 'other')
      await w.advance(20)
      w.lib.onlineManager.setOnline(false)
      const Page = () => {
        const results = w.lib.useQueries({ queries: [one, two] })
        s.saw('page', results.map(({ status, fetchStatus, failureCount }) => ({ status, fetchStatus, failureCount })))
        return null
      }
      s.render(<Page />)
      await s.advance(20)
    })

    play('only fields that were read of any result render', async (s, w) => {
      const queryFn = w.fn(() => 'same')
      const Page = () => {
        const results = w.lib.useQueries({ queries: [1, 2].map((id) => ({ queryKey: ['n', id], queryFn })) })
        s.saw('page', results[0]?.data)
        return null
      }
      s.render(<Page />)
      await s.advance(20)
      await s.act(() => void w.client.invalidateQueries())
      await s.advance(20)
    })
  })
}
