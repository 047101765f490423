/** Infinite queries among other things that happen: refetches, writes, other observers, other options. */
import { useState } from 'react'
import { describe } from 'vitest'
import { scenario } from './harness'
import { pages, params, watch } from './pages'
import { staged } from './stage'

describe('the pages of an infinite query', () => {
  scenario('that were dropped by maxPages are not fetched anew, and can be fetched back', async (w) => {
    const observer = watch(w, pages(w), { maxPages: 2 } as never)
    await w.advance(20)
    for (const fetch of [observer.fetchNextPage, observer.fetchNextPage]) {
      void fetch.call(observer)
      await w.advance(20)
    }
    void observer.refetch()
    await w.advance(50)
    void observer.fetchPreviousPage()
    await w.advance(20)
    void w.client.refetchQueries({ queryKey: ['list'] })
    await w.advance(50)
    w.show('data', w.client.getQueryData(['list']))
  })

  scenario('are all fetched anew when more are kept than are wanted now', async (w) => {
    const queryFn = pages(w)
    const observer = watch(w, queryFn)
    await w.advance(20)
    void observer.fetchNextPage()
    await w.advance(20)
    void observer.fetchNextPage()
    await w.advance(20)
    observer.setOptions({ queryKey: ['list'], queryFn, ...params, maxPages: 1 } as never)
    await w.advance(20)
    void observer.refetch()
    await w.advance(50)
    w.show('data', w.client.getQueryData(['list']))
  })

  scenario('end where the next one is not there any more', async (w) => {
    let last = 4
    const getNextPageParam = (_last: string, _all: string[], param: number) => (param < last ? param + 1 : undefined)
    const observer = watch(w, pages(w), { getNextPageParam } as never)
    await w.advance(20)
    void observer.fetchNextPage()
    await w.advance(20)
    void observer.fetchNextPage()
    await w.advance(20)
    last = 3
    void observer.refetch()
    await w.advance(50)
    w.show('data', w.client.getQueryData(['list']))
  })

  scenario('that did not change keep their references, and selected ones theirs', async (w) => {
    const queryFn = async ({ pageParam }: { pageParam: unknown }) => {
      await new Promise((resolve) => setTimeout(resolve, 10))
      return { items: [{ id: pageParam }] }
    }
    const select = (data: { pages: Array<{ items: unknown[] }> }) => ({ items: data.pages.map(({ items }) => items) })
    const observer = new w.lib.InfiniteQueryObserver<never, Error, { items: unknown[][] }>(w.client, { queryKey: ['list'], queryFn, ...params, select } as never)
    w.defer(observer.subscribe(() => w.log('told')))
    await w.advance(20)
    const first = observer.getCurrentResult().data!
    const stored = w.client.getQueryData<{ pages: unknown[] }>(['list'])!
    void observer.fetchNextPage()
    await w.advance(20)
    const second = observer.getCurrentResult().data!
    w.show('first page', [second.items[0] === first.items[0], w.client.getQueryData<{ pages: unknown[] }>(['list'])!.pages[0] === stored.pages[0]])
    void observer.refetch()
    await w.advance(30)
    w.show('all', [observer.getCurrentResult().data === second])
  })

  scenario('are shared by a function of the user’s, or not at all', async (w) => {
    for (const structuralSharing of [false, (before: unknown, after: unknown) => before ?? after] as const) {
      const observer = watch(w, pages(w), { queryKey: ['list', String(structuralSharing)], structuralSharing } as never)
      await w.advance(20)
      void observer.refetch()
      await w.advance(20)
      void observer.fetchNextPage()
      await w.advance(20)
    }
  })
})

describe('a next page', () => {
  scenario('that is asked for while all are fetched anew takes their place', async (w) => {
    const observer = watch(w, pages(w))
    await w.advance(20)
    void observer.fetchNextPage()
    await w.advance(20)
    void observer.refetch()
    await w.advance(15)
    w.track('next', observer.fetchNextPage())
    await w.advance(40)
    w.show('data', w.client.getQueryData(['list']))
  })

  scenario('that is asked for without taking a place comes with the fetch that runs', async (w) => {
    const observer = watch(w, pages(w))
    await w.advance(20)
    void observer.refetch()
    await w.advance(5)
    w.track('next', observer.fetchNextPage({ cancelRefetch: false }))
    await w.advance(40)
    w.show('data', w.client.getQueryData(['list']))
  })

  scenario('that is under way when all are invalidated gives way', async (w) => {
    const observer = watch(w, pages(w))
    await w.advance(20)
    w.track('next', observer.fetchNextPage())
    await w.advance(5)
    void w.client.invalidateQueries({ queryKey: ['list'] })
    await w.advance(40)
    w.show('data', w.client.getQueryData(['list']))
  })

  scenario('that is under way goes on with what was there, whatever is written meanwhile', async (w) => {
    const observer = watch(w, pages(w))
    await w.advance(20)
    void observer.fetchNextPage()
    await w.advance(5)
    w.client.setQueryData(['list'], { pages: ['written', 'by hand'], pageParams: [0, 1] })
    await w.advance(20)
    w.show('data', w.client.getQueryData(['list']))
  })

  scenario('that is cancelled goes back to the pages there were', async (w) => {
    const observer = watch(w, pages(w, { listens: true }))
    await w.advance(20)
    void observer.fetchNextPage()
    await w.advance(5)
    await w.client.cancelQueries({ queryKey: ['list'] })
    await w.advance(20)
    void observer.fetchNextPage()
    await w.advance(20)
  })

  scenario('of a list that was removed begins a new one', async (w) => {
    const observer = watch(w, pages(w))
    await w.advance(20)
    w.client.removeQueries({ queryKey: ['list'] })
    void observer.fetchNextPage()
    await w.advance(20)
    w.show('data', w.client.getQueryData(['list']))
  })

  scenario('of a list that was reset while it came is forgotten', async (w) => {
    const observer = watch(w, pages(w))
    await w.advance(20)
    void observer.fetchNextPage()
    await w.advance(5)
    void w.client.resetQueries({ queryKey: ['list'] })
    await w.advance(40)
    w.show('data', w.client.getQueryData(['list']))
  })

  scenario('waits for the network, and a page that waits is not fetched twice', async (w) => {
    const observer = watch(w, pages(w))
    await w.advance(20)
    w.lib.onlineManager.setOnline(false)
    void observer.fetchNextPage()
    await w.advance(20)
    void observer.fetchNextPage({ cancelRefetch: false })
    await w.advance(20)
    w.lib.onlineManager.setOnline(true)
    await w.advance(40)
    w.show('data', w.client.getQueryData(['list']))
  })
})

describe('an infinite query and a plain observer of the same key', () => {
  scenario('that fetches nothing of its own', async (w) => {
    const observer = watch(w, pages(w))
    await w.advance(20)
    void observer.fetchNextPage()
    await w.advance(20)
    w.watch({ queryKey: ['list'], enabled: false }, 'plain')
    void w.client.invalidateQueries({ queryKey: ['list'] })
    await w.advance(50)
    w.show('data', w.client.getQueryData(['list']))
  })

  scenario('that has the same query function', async (w) => {
    const queryFn = pages(w)
    watch(w, queryFn)
    await w.advance(20)
    w.watch({ queryKey: ['list'], queryFn: queryFn as never, staleTime: 1000 }, 'plain')
    void w.client.invalidateQueries({ queryKey: ['list'] })
    await w.advance(50)
    w.show('data', w.client.getQueryData(['list']))
  })
})

describe('an infinite query that was sent while it was pending', () => {
  const pending = { shouldDehydrateQuery: () => true }

  scenario('gets its first page from the promise, and then goes on', async (w) => {
    const other = new w.lib.QueryClient()
    const options = w.lib.infiniteQueryOptions({ queryKey: ['list'], queryFn: pages(w) as never, ...params })
    void other.prefetchInfiniteQuery(options)
    w.lib.hydrate(w.client, w.lib.dehydrate(other, pending))
    const observer = watch(w, pages(w), { staleTime: 1000 })
    await w.advance(20)
    void observer.fetchNextPage()
    await w.advance(20)
    other.clear()
  })
})

for (const strict of [false, true]) {
  describe(strict ? 'useInfiniteQuery in StrictMode' : 'useInfiniteQuery', () => {
    staged(
      'says by the newest options whether there is more',
      async (s, w) => {
        const queryFn = pages(w)
        let limit = (_: number) => {}
        const Page = () => {
          const [last, setLast] = useState(4)
          limit = setLast
          const { hasNextPage, hasPreviousPage, data } = w.lib.useInfiniteQuery({
            queryKey: ['list'],
            queryFn: queryFn as never,
            ...params,
            getNextPageParam: (_last: string, _all: string[], param: number) => (param < last ? param + 1 : undefined),
          })
          s.saw('page', { hasNextPage, hasPreviousPage, data })
          return null
        }
        s.render(<Page />)
        await s.advance(20)
        await s.act(() => limit(2))
        await s.advance(20)
        await s.act(() => limit(3))
        await s.advance(20)
      },
      strict,
    )

    staged(
      'keeps what was shown while another list comes',
      async (s, w) => {
        const queryFn = pages(w)
        let show = (_: string) => {}
        const Page = () => {
          const [name, setName] = useState('a')
          show = setName
          const result = w.lib.useInfiniteQuery({ queryKey: ['list', name], queryFn: queryFn as never, ...params, placeholderData: w.lib.keepPreviousData })
          s.saw('page', { ...result })
          return null
        }
        s.render(<Page />)
        await s.advance(20)
        await s.act(() => show('b'))
        await s.advance(20)
        await s.act(() => show('a'))
        await s.advance(20)
      },
      strict,
    )
  })
}
