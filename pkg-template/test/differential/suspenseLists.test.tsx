/** Components that wait for several queries, or for pages. */
import { describe } from 'vitest'
import { click, Framed, Resettable } from './boundary'
import { staged } from './stage'

for (const strict of [false, true]) {
  describe(strict ? 'in StrictMode, a component that suspends, of several queries or pages,' : 'a component that suspends, of several queries or pages,', () => {
    const play: typeof staged = (title, story) => staged(title, story, strict)

    play('among several of one list, is reset with them', async (s, w) => {
      const good = w.fn()
      const bad = w.failing(2)
      const Page = () => {
        const results = w.lib.useSuspenseQueries({
          queries: [
            { queryKey: ['a'], queryFn: good },
            { queryKey: ['b'], queryFn: bad, retry: false },
          ],
        })
        s.saw('page', results.map(({ data, status, isFetching }) => [data, status, isFetching]))
        return null
      }
      s.render(<Resettable stage={s} children={<Page />} />)
      for (let i = 0; i < 3; i++) {
        await s.advance(20)
        await s.act(() => click('again'))
        await s.advance(20)
      }
      await s.advance(1500)
      await s.act(() => void w.client.refetchQueries())
      await s.advance(20)
      await s.act(() => void w.client.resetQueries())
      await s.advance(20)
      await s.advance(20)
    })

    play('among several, combines them when all are there', async (s, w) => {
      const fast = w.fn(undefined, 10)
      const slow = w.fn(undefined, 30)
      const Page = () => {
        const result = w.lib.useSuspenseQueries({
          queries: [
            { queryKey: ['a'], queryFn: fast, staleTime: () => 5000 },
            { queryKey: ['b'], queryFn: slow, select: (data) => `selected ${String(data)}` },
          ],
          combine: (results) => ({ all: results.map(({ data }) => data), fetching: results.some(({ isFetching }) => isFetching) }),
        })
        s.saw('page', result)
        return null
      }
      s.render(<Framed stage={s} children={<Page />} />)
      await s.advance(20)
      await s.advance(20)
      await s.advance(1500)
      await s.act(() => void w.client.invalidateQueries({ queryKey: ['b'] }))
      await s.advance(40)
      await s.act(() => w.client.removeQueries({ queryKey: ['a'] }))
      s.render(<Framed stage={s} children={<Page />} />)
      await s.advance(40)
    })

    play('has an infinite list that fails, and is told why once', async (s, w) => {
      const queryFn = w.failing(1)
      const Page = () => {
        const { data, hasNextPage } = w.lib.useSuspenseInfiniteQuery({
          queryKey: ['list'],
          queryFn: queryFn as never,
          retry: false,
          initialPageParam: 0,
          getNextPageParam: () => null,
        })
        s.saw('page', { data, hasNextPage })
        return null
      }
      s.render(<Resettable stage={s} children={<Page />} />)
      await s.advance(20)
      await s.act(() => click('again'))
      await s.advance(20)
    })

    play('has an infinite list, and complains of skipToken', async (s, w) => {
      w.client.setQueryData(['list'], { pages: [1], pageParams: [1] })
      const Page = () => {
        w.lib.useSuspenseInfiniteQuery({
          queryKey: ['list'],
          queryFn: w.lib.skipToken as never,
          initialPageParam: 0,
          getNextPageParam: () => null,
        })
        return null
      }
      s.render(<Framed stage={s} children={<Page />} />)
      await s.advance(20)
    })
  })
}
