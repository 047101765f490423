import { Suspense, type ReactNode, useState } from 'react'
import { describe } from 'vitest'
import { Boundary, click, Waiting } from './boundary'
import { staged } from './stage'

for (const strict of [false, true]) {
  describe(strict ? 'Suspense in StrictMode' : 'Suspense', () => {
    const play: typeof staged = (title, story) => staged(title, story, strict)

    play('waits for the data, and shows it', async (s, w) => {
      const queryFn = w.fn()
      const Page = () => {
        const result = w.lib.useSuspenseQuery({ queryKey: ['a'], queryFn })
        s.saw('page', { ...result })
        return null
      }
      s.render(
        <Suspense fallback={<Waiting stage={s} />}>
          <Page />
        </Suspense>,
      )
      await s.advance(20)
      await s.advance(2000)
      w.log('-- a refetch does not suspend')
      await s.act(() => void w.client.invalidateQueries({ queryKey: ['a'] }))
      await s.advance(20)
    })

    play('another key suspends again', async (s, w) => {
      const queryFn = w.fn()
      const Page = ({ id }: { id: number }) => {
        const { data, isFetching } = w.lib.useSuspenseQuery({ queryKey: ['a', id], queryFn })
        s.saw(`page ${id}`, { data, isFetching })
        return null
      }
      const Shell = () => {
        const [id, setId] = useState(1)
        return (
          <Suspense fallback={<Waiting stage={s} />}>
            <button type="button" onClick={() => setId(2)}>
              next
            </button>
            <Page id={id} />
          </Suspense>
        )
      }
      s.render(<Shell />)
      await s.advance(20)
      await s.act(() => click('next'))
      await s.advance(20)
    })

    play('data with no lifetime is not fetched in a circle', async (s, w) => {
      const queryFn = w.fn()
      const Page = () => {
        const { data } = w.lib.useSuspenseQuery({ queryKey: ['a'], queryFn, staleTime: 0, gcTime: 0 })
        s.saw('page', data)
        return null
      }
      s.render(
        <Suspense fallback={<Waiting stage={s} />}>
          <Page />
        </Suspense>,
      )
      await s.advance(20)
      await s.advance(500)
      await s.advance(3000)
    })

    play('a stale time that is a function, and one that is static', async (s, w) => {
      const queryFn = w.fn()
      const Page = () => {
        const one = w.lib.useSuspenseQuery({ queryKey: ['a'], queryFn, staleTime: () => 50 })
        const two = w.lib.useSuspenseQuery({ queryKey: ['b'], queryFn, staleTime: 'static' })
        s.saw('page', [one.data, one.isStale, two.data, two.isStale])
        return null
      }
      s.render(
        <Suspense fallback={<Waiting stage={s} />}>
          <Page />
        </Suspense>,
      )
      await s.advance(20)
      await s.advance(20)
      await s.advance(1500)
    })

    play('an error goes to the boundary, and a reset fetches again', async (s, w) => {
      const queryFn = w.failing(1)
      const Page = () => {
        const { data, error } = w.lib.useSuspenseQuery({ queryKey: ['a'], queryFn, retry: false })
        s.saw('page', { data, error })
        return null
      }
      s.render(
        <w.lib.QueryErrorResetBoundary>
          {({ reset }) => (
            <Boundary stage={s} onReset={reset}>
              <Suspense fallback={<Waiting stage={s} />}>
                <Page />
              </Suspense>
            </Boundary>
          )}
        </w.lib.QueryErrorResetBoundary>,
      )
      await s.advance(20)
      await s.act(() => click('again'))
      await s.advance(20)
      await s.advance(20)
    })

    play('a refetch that fails leaves the data on the screen', async (s, w) => {
      const queryFn = w.failing(9)
      w.client.setQueryData(['a'], 'seeded')
      const Page = () => {
        const { data, status, error } = w.lib.useSuspenseQuery({ queryKey: ['a'], queryFn, retry: false })
        s.saw('page', { data, status, error })
        return null
      }
      s.render(
        <Boundary stage={s}>
          <Suspense fallback={<Waiting stage={s} />}>
            <Page />
          </Suspense>
        </Boundary>,
      )
      await s.advance(1500)
      await s.act(() => void w.client.refetchQueries({ queryKey: ['a'] }))
      await s.advance(20)
      w.log('-- shown anew, it is not fetched again')
      s.render(null)
      await s.advance(1500)
      s.render(
        <Boundary stage={s}>
          <Suspense fallback={<Waiting stage={s} />}>
            <Page />
          </Suspense>
        </Boundary>,
      )
      await s.advance(20)
    })

    play('what `select` throws goes to the boundary', async (s, w) => {
      const queryFn = w.fn()
      const select = () => {
        throw new Error('select')
      }
      const Page = () => {
        const { data } = w.lib.useSuspenseQuery({ queryKey: ['a'], queryFn, select })
        s.saw('page', data)
        return null
      }
      s.render(
        <Boundary stage={s}>
          <Suspense fallback={<Waiting stage={s} />}>
            <Page />
          </Suspense>
        </Boundary>,
      )
      await s.advance(20)
      await s.advance(20)
    })

    play('skipToken is complained of', async (s, w) => {
      const Page = () => {
        w.lib.useSuspenseQuery({ queryKey: ['a'], queryFn: w.lib.skipToken as never })
        return null
      }
      w.client.setQueryData(['a'], 1)
      s.render(
        <Suspense fallback={<Waiting stage={s} />}>
          <Page />
        </Suspense>,
      )
      await s.advance(20)
    })

    play('two hooks wait one after the other, and prefetching ends that', async (s, w) => {
      const one = w.fn()
      const two = w.fn()
      const Page = () => {
        const first = w.lib.useSuspenseQuery({ queryKey: ['a'], queryFn: one })
        const second = w.lib.useSuspenseQuery({ queryKey: ['b'], queryFn: two })
        s.saw('page', [first.data, second.data])
        return null
      }
      const Ahead = ({ children }: { children: ReactNode }) => {
        w.lib.usePrefetchQuery({ queryKey: ['a'], queryFn: one })
        w.lib.usePrefetchQuery({ queryKey: ['b'], queryFn: two })
        return <Suspense fallback={<Waiting stage={s} />}>{children}</Suspense>
      }
      s.render(
        <Suspense fallback={<Waiting stage={s} />}>
          <Page />
        </Suspense>,
      )
      await s.advance(20)
      await s.advance(20)
      s.render(null)
      w.client.clear()
      s.render(
        <Ahead>
          <Page />
        </Ahead>,
      )
      await s.advance(20)
      await s.advance(20)
    })

    play('several queries are fetched side by side', async (s, w) => {
      const queryFn = w.fn()
      const Page = ({ ids }: { ids: number[] }) => {
        const results = w.lib.useSuspenseQueries({ queries: ids.map((id) => ({ queryKey: ['a', id], queryFn })) })
        s.saw('page', results.map(({ data, status }) => [data, status]))
        return null
      }
      s.render(
        <Suspense fallback={<Waiting stage={s} />}>
          <Page ids={[1, 2]} />
        </Suspense>,
      )
      await s.advance(20)
      s.render(
        <Suspense fallback={<Waiting stage={s} />}>
          <Page ids={[1, 2, 3]} />
        </Suspense>,
      )
      await s.advance(20)
      await s.advance(20)
    })

    play('of several queries, the error of one goes to the boundary', async (s, w) => {
      const good = w.fn()
      const bad = w.failing(9)
      const Page = () => {
        const results = w.lib.useSuspenseQueries({
          queries: [
            { queryKey: ['a'], queryFn: good },
            { queryKey: ['b'], queryFn: bad, retry: false },
          ],
          combine: (all) => all.map(({ data }) => data),
        })
        s.saw('page', results)
        return null
      }
      s.render(
        <Boundary stage={s}>
          <Suspense fallback={<Waiting stage={s} />}>
            <Page />
          </Suspense>
        </Boundary>,
      )
      await s.advance(20)
      await s.advance(20)
    })
  })
}
