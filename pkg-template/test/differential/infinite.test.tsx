import { Suspense } from 'react'
import { describe } from 'vitest'
import { scenario } from './harness'
import { pages, params, watch } from './pages'
import { staged } from './stage'

const everything = (result: object) => ({ ...result })

describe('an infinite query', () => {
  scenario('begins with one page, and grows in both directions', async (w) => {
    const observer = watch(w, pages(w), { meta: { m: 1 } })
    await w.advance(20)
    void observer.fetchNextPage()
    await w.advance(20)
    void observer.fetchPreviousPage()
    await w.advance(20)
    void observer.fetchNextPage()
    await w.advance(20)
    w.log('-- there is no next')
    void observer.fetchNextPage()
    await w.advance(20)
    w.show('data', w.client.getQueryData(['list']))
  })

  scenario('fetches all its pages anew when it is invalidated', async (w) => {
    const observer = watch(w, pages(w))
    await w.advance(20)
    void observer.fetchNextPage()
    await w.advance(20)
    void w.client.invalidateQueries({ queryKey: ['list'] })
    await w.advance(15)
    await w.advance(20)
    w.show('data', w.client.getQueryData(['list']))
  })

  scenario('goes on with the page that failed, not with the first', async (w) => {
    const observer = watch(w, pages(w, { fails: (page, call) => page === 3 && call === 4 }), { retry: 1, retryDelay: 5 })
    await w.advance(20)
    void observer.fetchNextPage()
    await w.advance(20)
    void observer.refetch()
    await w.advance(100)
    w.show('data', w.client.getQueryData(['list']))
  })

  scenario('keeps its pages when the next fails', async (w) => {
    const observer = watch(w, pages(w, { fails: (page) => page === 3 }), { retry: false })
    await w.advance(20)
    w.track('next', observer.fetchNextPage())
    await w.advance(20)
    w.track('loud', observer.fetchNextPage({ throwOnError: true }))
    await w.advance(20)
    w.track('previous', observer.fetchPreviousPage())
    await w.advance(20)
  })

  scenario('keeps as many pages as are wanted', async (w) => {
    const observer = watch(w, pages(w), { maxPages: 2 } as never)
    await w.advance(20)
    for (const fetch of [observer.fetchNextPage, observer.fetchNextPage, observer.fetchPreviousPage]) {
      void fetch.call(observer)
      await w.advance(20)
    }
    w.show('data', w.client.getQueryData(['list']))
  })

  scenario('a fetch of the next page takes the place of one under way, unless told not to', async (w) => {
    const observer = watch(w, pages(w, { listens: true }))
    await w.advance(20)
    void observer.fetchNextPage()
    await w.advance(5)
    void observer.fetchNextPage({ cancelRefetch: false })
    await w.advance(1)
    void observer.fetchPreviousPage()
    await w.advance(20)
  })

  scenario('a listening query function ends the fetch between two pages when it is cancelled', async (w) => {
    const observer = watch(w, pages(w, { listens: true }))
    await w.advance(20)
    void observer.fetchNextPage()
    await w.advance(20)
    void observer.refetch()
    await w.advance(5)
    void w.client.cancelQueries({ queryKey: ['list'] })
    await w.advance(40)
  })

  scenario('selects, and shows initial data', async (w) => {
    watch(w, pages(w), {
      initialData: { pages: ['given'], pageParams: [4] },
      staleTime: 1000,
      select: ((data: { pages: string[] }) => data.pages.join()) as never,
    } as never)
    await w.advance(20)
    void w.client.refetchQueries({ queryKey: ['list'] })
    await w.advance(20)
  })

  scenario('a page that is the last in each direction', async (w) => {
    const { getPreviousPageParam: _, ...forward } = params
    const observer = new w.lib.InfiniteQueryObserver<string, Error, unknown, readonly unknown[], number>(w.client, { queryKey: ['list'], queryFn: pages(w) as never, ...forward, getNextPageParam: () => null })
    w.defer(observer.subscribe((result) => w.show('result', everything(result))))
    await w.advance(20)
    void observer.fetchPreviousPage()
    await w.advance(20)
  })
})

describe('a client', () => {
  scenario('fetches the first page of an infinite query, or as many as are wanted', async (w) => {
    const options = w.lib.infiniteQueryOptions({ queryKey: ['list'], queryFn: pages(w) as never, ...params })
    w.track('one', w.client.fetchInfiniteQuery({ ...options, queryKey: ['one'] }))
    await w.advance(20)
    w.track('all', w.client.fetchInfiniteQuery({ ...options, queryKey: ['all'], pages: 9 }))
    await w.advance(50)
    w.track('ahead', w.client.prefetchInfiniteQuery({ ...options, queryKey: ['ahead'], queryFn: (() => Promise.reject(new Error('no'))) as never }))
    await w.advance(20)
    w.log('-- watched, it is refetched page by page')
    watch(w, pages(w), { queryKey: ['all'] })
    await w.advance(50)
  })

  scenario('asks for an infinite query through a select, and for what is fresh enough not at all', async (w) => {
    const options = w.lib.infiniteQueryOptions({ queryKey: ['list'], queryFn: pages(w) as never, ...params })
    const select = (data: { pages: unknown[] }) => data.pages.length
    w.track('two', w.client.infiniteQuery({ ...options, pages: 2, select: select as never }))
    await w.advance(30)
    w.track('fresh', w.client.infiniteQuery({ ...options, staleTime: 1000 }))
    await w.advance(20)
    w.track('stale', w.client.infiniteQuery({ ...options, staleTime: 10 }))
    await w.advance(30)
    w.track('failed', w.client.infiniteQuery({ ...options, queryKey: ['other'], queryFn: (() => Promise.reject(new Error('no'))) as never }))
    await w.advance(20)
    w.track('select fails', w.client.infiniteQuery({ ...options, staleTime: 1000, select: (() => { throw new Error('select') }) as never }))
    await w.advance(20)
  })

  scenario('ensures that an infinite query is there, however old, and refetches behind it where that is wanted', async (w) => {
    const options = w.lib.infiniteQueryOptions({ queryKey: ['list'], queryFn: pages(w) as never, ...params })
    w.track('fetched', w.client.ensureInfiniteQueryData({ ...options, pages: 2 }))
    await w.advance(40)
    w.track('there', w.client.ensureInfiniteQueryData(options))
    await w.advance(20)
    w.track('fresh', w.client.ensureInfiniteQueryData({ ...options, revalidateIfStale: true, staleTime: 1000 }))
    await w.advance(20)
    w.track('stale', w.client.ensureInfiniteQueryData({ ...options, revalidateIfStale: true }))
    await w.advance(40)
    w.show('data', w.client.getQueryData(['list']))
    const failing = { ...options, queryKey: ['other'], queryFn: (() => Promise.reject(new Error('no'))) as never }
    w.track('failed', w.client.ensureInfiniteQueryData(failing))
    await w.advance(20)
    w.log('-- watched, it is refetched page by page')
    watch(w, pages(w))
    await w.advance(50)
  })

  scenario('refetches an infinite query that was dehydrated page by page', async (w) => {
    const options = w.lib.infiniteQueryOptions({ queryKey: ['list'], queryFn: pages(w) as never, ...params })
    const other = new w.lib.QueryClient()
    void other.prefetchInfiniteQuery({ ...options, pages: 2 })
    await w.advance(30)
    w.lib.hydrate(w.client, w.lib.dehydrate(other))
    other.clear()
    const observer = watch(w, pages(w))
    await w.advance(40)
    void observer.fetchNextPage()
    await w.advance(20)
  })

  for (const touch of ['refetchQueries', 'invalidateQueries', 'resetQueries'] as const) {
    scenario(`fetches the pages of one that was dehydrated, which nobody has watched yet, on ${touch}`, async (w) => {
      const other = new w.lib.QueryClient()
      void other.prefetchInfiniteQuery({ ...w.lib.infiniteQueryOptions({ queryKey: ['list'], queryFn: pages(w) as never, ...params }), pages: 2 })
      await w.advance(30)
      w.client.setQueryDefaults(['list'], { queryFn: pages(w) as never, ...params } as never)
      w.lib.hydrate(w.client, JSON.parse(JSON.stringify(w.lib.dehydrate(other))) as never)
      other.clear()
      w.track(touch, w.client[touch]({ queryKey: ['list'] }, ...([] as never[])))
      w.track('all', w.client.refetchQueries({ queryKey: ['list'], type: 'all' }))
      await w.advance(50)
      w.state(['list'])
      watch(w, pages(w))
      await w.advance(50)
    })
  }

  scenario('says that nobody fetches one that was dehydrated, without a query function', async (w) => {
    const other = new w.lib.QueryClient()
    void other.prefetchInfiniteQuery(w.lib.infiniteQueryOptions({ queryKey: ['list'], queryFn: pages(w) as never, ...params }))
    await w.advance(30)
    w.lib.hydrate(w.client, w.lib.dehydrate(other))
    other.clear()
    w.track('refetched', w.client.refetchQueries({ queryKey: ['list'] }, { throwOnError: true }))
    await w.advance(10_000)
    w.state(['list'])
  })
})

for (const strict of [false, true]) {
  describe(strict ? 'useInfiniteQuery in StrictMode' : 'useInfiniteQuery', () => {
    staged(
      'shows pages as they come',
      async (s, w) => {
        const queryFn = pages(w)
        let next = () => {}
        const Page = () => {
          const result = w.lib.useInfiniteQuery({ queryKey: ['list'], queryFn: queryFn as never, ...params })
          next = () => void result.fetchNextPage()
          s.saw('page', everything(result))
          return null
        }
        s.render(<Page />)
        await s.advance(20)
        await s.act(() => next())
        await s.advance(20)
        await s.act(() => next())
        await s.advance(20)
      },
      strict,
    )

    staged(
      'suspends for the first page, and for no other',
      async (s, w) => {
        const queryFn = pages(w)
        let next = () => {}
        const Page = () => {
          const { data, isFetchingNextPage, hasNextPage, fetchNextPage } = w.lib.useSuspenseInfiniteQuery({
            queryKey: ['list'],
            queryFn: queryFn as never,
            ...params,
          })
          next = () => void fetchNextPage()
          s.saw('page', { data, isFetchingNextPage, hasNextPage })
          return null
        }
        const Waiting = () => {
          s.saw('fallback', '')
          return null
        }
        const Ahead = () => {
          w.lib.usePrefetchInfiniteQuery({ queryKey: ['list'], queryFn: queryFn as never, ...params })
          return (
            <Suspense fallback={<Waiting />}>
              <Page />
            </Suspense>
          )
        }
        s.render(<Ahead />)
        await s.advance(20)
        await s.act(() => next())
        await s.advance(20)
      },
      strict,
    )
  })
}
