import { useState } from 'react'
import { describe } from 'vitest'
import { Boundary } from './boundary'
import { staged } from './stage'

/** All 25 fields, which also tracks all of them. */
const everything = (result: object) => ({ ...result })

for (const strict of [false, true]) {
  describe(strict ? 'useQuery in StrictMode' : 'useQuery', () => {
    const play: typeof staged = (title, story) => staged(title, story, strict)

    play('goes from loading to data', async (s, w) => {
      const queryFn = w.fn()
      const Page = () => {
        const result = w.lib.useQuery({ queryKey: ['a'], queryFn })
        s.saw('page', everything(result))
        return null
      }
      s.render(<Page />)
      await s.advance(20)
      await s.advance(20)
    })

    play('goes from loading to an error', async (s, w) => {
      const queryFn = w.failing(9)
      const Page = () => {
        const result = w.lib.useQuery({ queryKey: ['a'], queryFn, retry: 1, retryDelay: 50 })
        s.saw('page', everything(result))
        return null
      }
      s.render(<Page />)
      await s.advance(20)
      await s.advance(100)
    })

    play('an inline query function does not fetch at every render', async (s, w) => {
      const queryFn = w.fn()
      const Page = ({ n }: { n: number }) => {
        const { data, isFetching } = w.lib.useQuery({
          queryKey: ['a', { x: 1 }],
          queryFn: (context) => queryFn(context),
        })
        s.saw(`page ${n}`, { data, isFetching })
        return null
      }
      s.render(<Page n={1} />)
      await s.advance(20)
      s.render(<Page n={2} />)
      await s.advance(20)
      s.render(<Page n={3} />)
      await s.advance(20)
    })

    play('renders only when a field changes that was read', async (s, w) => {
      const queryFn = w.fn(() => 'same')
      const Data = () => {
        s.saw('data', w.lib.useQuery({ queryKey: ['a'], queryFn }).data)
        return null
      }
      const Fetching = () => {
        s.saw('fetching', w.lib.useQuery({ queryKey: ['a'], queryFn }).isFetching)
        return null
      }
      s.render(
        <>
          <Data />
          <Fetching />
        </>,
      )
      await s.advance(20)
      await s.act(() => void w.client.invalidateQueries({ queryKey: ['a'] }))
      await s.advance(20)
    })

    play('rest spread reads everything', async (s, w) => {
      const queryFn = w.fn(() => 'same')
      const Page = () => {
        const { data, ...rest } = w.lib.useQuery({ queryKey: ['a'], queryFn })
        s.saw('page', { data, size: Object.keys(rest).length })
        return null
      }
      s.render(<Page />)
      await s.advance(20)
      await s.act(() => void w.client.invalidateQueries({ queryKey: ['a'] }))
      await s.advance(20)
    })

    play('components share one query', async (s, w) => {
      const queryFn = w.fn()
      const Part = ({ name }: { name: string }) => {
        const { data, status } = w.lib.useQuery({ queryKey: ['a'], queryFn })
        s.saw(name, { data, status })
        return null
      }
      s.render(
        <>
          <Part name="left" />
          <Part name="right" />
        </>,
      )
      await s.advance(20)
      await s.act(() => w.client.setQueryData(['a'], 'by hand'))
      await s.advance(5)
    })

    play('a changed key shows the new query', async (s, w) => {
      const queryFn = w.fn((_, { queryKey }) => `page ${String(queryKey[1])}`)
      const Page = ({ page }: { page: number }) => {
        const result = w.lib.useQuery({ queryKey: ['page', page], queryFn, staleTime: 1000 })
        s.saw(`page ${page}`, everything(result))
        return null
      }
      s.render(<Page page={1} />)
      await s.advance(20)
      s.render(<Page page={2} />)
      await s.advance(20)
      s.render(<Page page={1} />)
      await s.advance(20)
    })

    play('keepPreviousData bridges pages', async (s, w) => {
      const queryFn = w.fn((_, { queryKey }) => `page ${String(queryKey[1])}`)
      const Page = ({ page }: { page: number }) => {
        const { data, isPlaceholderData, isFetching } = w.lib.useQuery({
          queryKey: ['page', page],
          queryFn,
          placeholderData: w.lib.keepPreviousData,
        })
        s.saw(`page ${page}`, { data, isPlaceholderData, isFetching })
        return null
      }
      s.render(<Page page={1} />)
      await s.advance(20)
      s.render(<Page page={2} />)
      await s.advance(20)
    })

    play('cached data is there in the first render', async (s, w) => {
      w.client.setQueryData(['a'], 'cached')
      await s.advance(5)
      const queryFn = w.fn()
      const Page = () => {
        const result = w.lib.useQuery({ queryKey: ['a'], queryFn })
        s.saw('page', everything(result))
        return null
      }
      s.render(<Page />)
      await s.advance(20)
    })

    play('enabled waits for what it needs', async (s, w) => {
      const userFn = w.fn(() => 'u1')
      const postsFn = w.fn((_, { queryKey }) => `posts of ${String(queryKey[1])}`)
      const Page = () => {
        const user = w.lib.useQuery({ queryKey: ['user'], queryFn: userFn })
        const posts = w.lib.useQuery({ queryKey: ['posts', user.data], queryFn: postsFn, enabled: !!user.data })
        s.saw('page', { user: user.data, posts: posts.data, status: posts.status, fetchStatus: posts.fetchStatus })
        return null
      }
      s.render(<Page />)
      await s.advance(20)
      await s.advance(20)
    })

    play('select with a new function at each render', async (s, w) => {
      const queryFn = w.fn((call) => ({ rows: [call, 2, 3] }))
      const Page = ({ n }: { n: number }) => {
        const { data } = w.lib.useQuery({ queryKey: ['a'], queryFn, select: (all) => all.rows.slice(1) })
        s.saw(`page ${n}`, data)
        return null
      }
      s.render(<Page n={1} />)
      await s.advance(20)
      s.render(<Page n={2} />)
      await s.act(() => void w.client.invalidateQueries())
      await s.advance(20)
    })

    play('refetch from a component', async (s, w) => {
      const queryFn = w.fn()
      let refetch = () => {}
      const Page = () => {
        const result = w.lib.useQuery({ queryKey: ['a'], queryFn, enabled: false })
        refetch = () => void result.refetch()
        s.saw('page', { data: result.data, status: result.status, fetchStatus: result.fetchStatus })
        return null
      }
      s.render(<Page />)
      await s.advance(20)
      await s.act(() => refetch())
      await s.advance(20)
    })

    play('unmounting stops, mounting again shows what is cached', async (s, w) => {
      const queryFn = w.fn()
      const Page = () => {
        const { data, isFetching } = w.lib.useQuery({ queryKey: ['a'], queryFn, gcTime: 100 })
        s.saw('page', { data, isFetching })
        return null
      }
      s.render(<Page />)
      await s.advance(20)
      s.render(null)
      await s.advance(50)
      s.render(<Page />)
      await s.advance(20)
      s.render(null)
      await s.advance(200)
      w.state(['a'])
    })

    play('subscribed false neither fetches nor renders', async (s, w) => {
      const queryFn = w.fn()
      const Page = ({ subscribed }: { subscribed: boolean }) => {
        const { data, fetchStatus } = w.lib.useQuery({ queryKey: ['a'], queryFn, subscribed })
        s.saw('page', { data, fetchStatus })
        return null
      }
      s.render(<Page subscribed={false} />)
      await s.advance(20)
      await s.act(() => w.client.setQueryData(['a'], 'by hand'))
      await s.advance(20)
      s.render(<Page subscribed />)
      await s.advance(20)
    })

    play('polls while mounted', async (s, w) => {
      const queryFn = w.fn()
      const Page = () => {
        s.saw('page', w.lib.useQuery({ queryKey: ['a'], queryFn, refetchInterval: 100 }).data)
        return null
      }
      s.render(<Page />)
      await s.advance(250)
      s.render(null)
      await s.advance(300)
    })

    play('focus refetches and shows that it fetches', async (s, w) => {
      const queryFn = w.fn()
      const Page = () => {
        const { data, isFetching } = w.lib.useQuery({ queryKey: ['a'], queryFn })
        s.saw('page', { data, isFetching })
        return null
      }
      s.render(<Page />)
      await s.advance(20)
      await s.act(() => w.lib.focusManager.setFocused(false))
      await s.act(() => w.lib.focusManager.setFocused(true))
      await s.advance(20)
    })

    play('throwOnError throws to the boundary, and reset tries again', async (s, w) => {
      const queryFn = w.failing(1)
      let again: (() => void) | undefined
      const Page = () => {
        const { data, status } = w.lib.useQuery({ queryKey: ['a'], queryFn, retry: false, throwOnError: true })
        s.saw('page', { data, status })
        return null
      }
      const { QueryErrorResetBoundary } = w.lib
      s.render(
        <QueryErrorResetBoundary>
          {({ reset }) => (
            <Boundary stage={s} onReset={reset} ref={(boundary) => void (again = boundary?.reset)}>
              <Page />
            </Boundary>
          )}
        </QueryErrorResetBoundary>,
      )
      await s.advance(20)
      await s.act(() => again?.())
      await s.advance(20)
    })

    play('throwOnError as a function chooses the errors', async (s, w) => {
      const queryFn = w.failing(9)
      const Page = () => {
        const { error, status } = w.lib.useQuery({
          queryKey: ['a'],
          queryFn,
          retry: false,
          throwOnError: (thrown) => thrown.message !== 'failure1',
        })
        s.saw('page', { error, status })
        return null
      }
      s.render(
        <Boundary stage={s}>
          <Page />
        </Boundary>,
      )
      await s.advance(20)
    })

    play('state of one component and data of another change together', async (s, w) => {
      const queryFn = w.fn()
      let setN = (_: number) => {}
      const Page = () => {
        const [n, set] = useState(0)
        setN = set
        const { data } = w.lib.useQuery({ queryKey: ['a', n], queryFn })
        s.saw('page', { n, data })
        return null
      }
      s.render(<Page />)
      await s.advance(5)
      await s.act(() => setN(1))
      await s.advance(20)
      await s.act(() => setN(0))
      await s.advance(20)
    })

    play('useIsFetching counts', async (s, w) => {
      const queryFn = w.fn()
      const Page = () => {
        w.lib.useQuery({ queryKey: ['a'], queryFn, notifyOnChangeProps: [] })
        w.lib.useQuery({ queryKey: ['b'], queryFn: w.lib.skipToken, notifyOnChangeProps: [] })
        return null
      }
      const Count = () => {
        s.saw('count', [w.lib.useIsFetching(), w.lib.useIsFetching({ queryKey: ['b'] })])
        return null
      }
      s.render(
        <>
          <Count />
          <Page />
        </>,
      )
      await s.advance(20)
    })

    play('a client given to the hook beats the provider', async (s, w) => {
      const other = new w.lib.QueryClient()
      other.setQueryData(['a'], 'of the other')
      const Page = () => {
        const { data } = w.lib.useQuery({ queryKey: ['a'], queryFn: w.fn(), staleTime: Infinity }, other)
        s.saw('page', data)
        return null
      }
      s.render(<Page />)
      await s.advance(20)
      s.render(null)
      other.clear()
    })
  })
}
