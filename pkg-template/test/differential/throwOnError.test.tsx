/** `throwOnError`: which errors go to the boundary, and which stay on the page. */
import { describe } from 'vitest'
import { click, Framed, Resettable } from './boundary'
import { staged } from './stage'

for (const strict of [false, true]) {
  describe(strict ? 'in StrictMode, throwOnError' : 'throwOnError', () => {
    const play: typeof staged = (title, story) => staged(title, story, strict)

    play('that is a function decides by the error, and what it lets through stays on the page', async (s, w) => {
      const queryFn = w.failing(3)
      const throwOnError = (error: Error, query: { state: { data: unknown } }) => error.message === 'failure2' && query.state.data === undefined
      const Page = () => {
        const { data, status, error, fetchStatus } = w.lib.useQuery({ queryKey: ['a'], queryFn, retry: false, throwOnError: throwOnError as never })
        s.saw('page', { data, status, error, fetchStatus })
        return null
      }
      s.render(<Resettable stage={s} children={<Page />} />)
      for (let i = 0; i < 4; i++) {
        await s.advance(20)
        await s.act(() => void w.client.refetchQueries())
        await s.advance(20)
        await s.act(() => click('again'))
        await s.advance(20)
      }
    })

    play('of one of several queries, and of an infinite one', async (s, w) => {
      const bad = w.failing(1)
      const Page = () => {
        const results = w.lib.useQueries({
          queries: [
            { queryKey: ['a'], queryFn: w.fn() },
            { queryKey: ['b'], queryFn: bad, retry: false, throwOnError: (error: Error) => error.message === 'failure1' },
          ],
        })
        s.saw('page', results.map(({ data, status }) => [data, status]))
        return null
      }
      const failing = w.failing(9)
      const List = () => {
        const { status, failureCount } = w.lib.useInfiniteQuery({
          queryKey: ['list'],
          queryFn: failing as never,
          retry: 1,
          retryDelay: 5,
          throwOnError: true,
          initialPageParam: 0,
          getNextPageParam: () => null,
        })
        s.saw('list', { status, failureCount })
        return null
      }
      s.render(
        <w.lib.QueryErrorResetBoundary>
          {({ reset }) => [
            <Framed key="page" stage={s} onReset={reset} children={<Page />} />,
            <Framed key="list" stage={s} onReset={reset} children={<List />} />,
          ]}
        </w.lib.QueryErrorResetBoundary>,
      )
      await s.advance(20)
      await s.advance(40)
      await s.act(() => click('again'))
      await s.advance(40)
      await s.advance(40)
    })
  })
}
