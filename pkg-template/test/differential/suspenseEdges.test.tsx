/** Suspense among other things that happen: removals, resets, transitions, errors. */
import { startTransition, useDeferredValue, useState } from 'react'
import { describe } from 'vitest'
import { click, Framed, Resettable } from './boundary'
import { staged } from './stage'

for (const strict of [false, true]) {
  describe(strict ? 'in StrictMode, a component that suspends' : 'a component that suspends', () => {
    const play: typeof staged = (title, story) => staged(title, story, strict)

    play('fetches again what was removed meanwhile', async (s, w) => {
      const queryFn = w.fn()
      const Page = () => {
        const { data } = w.lib.useSuspenseQuery({ queryKey: ['a'], queryFn })
        s.saw('page', data)
        return null
      }
      s.render(<Framed stage={s} children={<Page />} />)
      await s.advance(5)
      await s.act(() => w.client.removeQueries({ queryKey: ['a'] }))
      await s.advance(20)
      await s.advance(20)
    })

    play('fetches again what was cancelled or reset meanwhile', async (s, w) => {
      const queryFn = w.fn()
      const Page = ({ id }: { id: string }) => {
        const { data } = w.lib.useSuspenseQuery({ queryKey: [id], queryFn })
        s.saw('page', data)
        return null
      }
      s.render(<Framed stage={s} children={[<Page key="a" id="a" />, <Page key="b" id="b" />]} />)
      await s.advance(5)
      await s.act(() => void w.client.cancelQueries({ queryKey: ['a'] }))
      await s.act(() => void w.client.resetQueries({ queryKey: ['b'] }))
      await s.advance(20)
      await s.advance(20)
      await s.advance(20)
    })

    play('shows what was written meanwhile', async (s, w) => {
      const queryFn = w.fn()
      const Page = () => {
        const { data, isFetching } = w.lib.useSuspenseQuery({ queryKey: ['a'], queryFn })
        s.saw('page', { data, isFetching })
        return null
      }
      s.render(<Framed stage={s} children={<Page />} />)
      await s.advance(5)
      await s.act(() => void w.client.setQueryData(['a'], 'written'))
      await s.advance(20)
    })

    play('waits for longer than its data would be kept', async (s, w) => {
      const queryFn = w.fn(undefined, 3000)
      const Page = () => {
        const { data } = w.lib.useSuspenseQuery({ queryKey: ['a'], queryFn, gcTime: 0 })
        s.saw('page', data)
        return null
      }
      s.render(<Framed stage={s} children={<Page />} />)
      await s.advance(1500)
      await s.advance(2000)
      s.render(null)
      await s.advance(500)
      w.state(['a'])
      await s.advance(1000)
      w.state(['a'])
    })

    play('waits for the network', async (s, w) => {
      const queryFn = w.fn()
      w.lib.onlineManager.setOnline(false)
      const Page = () => {
        const { data, fetchStatus } = w.lib.useSuspenseQuery({ queryKey: ['a'], queryFn })
        s.saw('page', { data, fetchStatus })
        return null
      }
      s.render(<Framed stage={s} children={<Page />} />)
      await s.advance(20)
      await s.act(() => w.lib.onlineManager.setOnline(true))
      await s.advance(20)
      await s.advance(20)
    })

    play('leaves the old page on the screen in a transition, also one that is given up', async (s, w) => {
      const queryFn = w.fn()
      const Page = ({ id }: { id: number }) => {
        const { data, isFetching, isStale } = w.lib.useSuspenseQuery({ queryKey: ['a', id], queryFn })
        s.saw(`page ${id}`, { data, isFetching, isStale })
        return null
      }
      let show = (_: number) => {}
      const Shell = () => {
        const [id, setId] = useState(1)
        show = setId
        return <Framed stage={s} children={<Page id={id} />} />
      }
      s.render(<Shell />)
      await s.advance(20)
      await s.act(() => startTransition(() => show(2)))
      await s.advance(5)
      w.log('-- the old one is told of changes meanwhile')
      await s.act(() => void w.client.setQueryData(['a', 1], 'written'))
      await s.advance(0)
      await s.act(() => startTransition(() => show(3)))
      await s.advance(20)
      await s.act(() => show(1))
      await s.advance(2000)
      await s.act(() => void w.client.invalidateQueries())
      await s.advance(20)
    })

    play('follows a deferred value', async (s, w) => {
      const queryFn = w.fn()
      const Page = ({ id }: { id: number }) => {
        const { data } = w.lib.useSuspenseQuery({ queryKey: ['a', id], queryFn })
        s.saw(`page ${id}`, data)
        return null
      }
      let show = (_: number) => {}
      const Shell = () => {
        const [id, setId] = useState(1)
        show = setId
        return <Framed stage={s} children={<Page id={useDeferredValue(id)} />} />
      }
      s.render(<Shell />)
      await s.advance(20)
      for (const id of [2, 3, 4]) {
        await s.act(() => show(id))
        await s.advance(4)
      }
      await s.advance(20)
      await s.advance(20)
    })

    play('fails again and again, and every reset is one more try', async (s, w) => {
      const queryFn = w.failing(3)
      const Page = () => {
        const { data } = w.lib.useSuspenseQuery({ queryKey: ['a'], queryFn, retry: false })
        s.saw('page', data)
        return null
      }
      s.render(<Resettable stage={s} children={<Page />} />)
      for (let i = 0; i < 4; i++) {
        await s.advance(20)
        await s.act(() => click('again'))
        await s.advance(20)
      }
    })

    play('throws again where the boundary alone is reset', async (s, w) => {
      const queryFn = w.failing(1)
      const Page = () => {
        const { data } = w.lib.useSuspenseQuery({ queryKey: ['a'], queryFn, retry: false })
        s.saw('page', data)
        return null
      }
      s.render(
        <w.lib.QueryErrorResetBoundary>
          <Framed stage={s} children={<Page />} />
        </w.lib.QueryErrorResetBoundary>,
      )
      await s.advance(20)
      await s.act(() => click('again'))
      await s.advance(20)
      w.log('-- but what was reset by hand is fetched')
      await s.act(() => void w.client.resetQueries())
      await s.act(() => click('again'))
      await s.advance(20)
    })

    play('is hidden and shown again while it is fetched', async (s, w) => {
      const queryFn = w.fn(undefined, 30)
      const Page = () => {
        const { data } = w.lib.useSuspenseQuery({ queryKey: ['a'], queryFn })
        s.saw('page', data)
        return null
      }
      s.render(<Framed stage={s} children={<Page />} />)
      await s.advance(10)
      s.render(null)
      await s.advance(10)
      s.render(<Framed stage={s} children={<Page />} />)
      await s.advance(30)
      await s.advance(30)
    })
  })
}
