import { describe } from 'vitest'
import { useState } from 'react'
import { staged } from './stage'

const click = () => document.querySelector('button')?.click()

for (const strict of [false, true]) {
  describe(strict ? 'HydrationBoundary in StrictMode' : 'HydrationBoundary', () => {
    const play: typeof staged = (title, story) => staged(title, story, strict)

    play('children have the data in their first render', async (s, w) => {
      const other = new w.lib.QueryClient()
      other.setQueryData(['a'], 'sent')
      const state = w.lib.dehydrate(other)
      const Page = () => {
        const result = w.lib.useQuery({ queryKey: ['a'], queryFn: w.fn(), staleTime: 1000 })
        s.saw('page', { ...result })
        return null
      }
      s.render(
        <w.lib.HydrationBoundary state={state}>
          <Page />
        </w.lib.HydrationBoundary>,
      )
      await s.advance(20)
      other.clear()
    })

    play('what is on the screen already is replaced after the render, if it is older', async (s, w) => {
      const other = new w.lib.QueryClient()
      w.client.setQueryData(['a'], 'here', { updatedAt: Date.now() })
      w.client.setQueryData(['b'], 'here', { updatedAt: Date.now() + 50 })
      other.setQueryData(['a'], 'newer', { updatedAt: Date.now() + 10 })
      other.setQueryData(['b'], 'older', { updatedAt: Date.now() })
      const state = w.lib.dehydrate(other)
      const Page = () => {
        const a = w.lib.useQuery({ queryKey: ['a'], queryFn: w.fn(), staleTime: Infinity })
        const b = w.lib.useQuery({ queryKey: ['b'], queryFn: w.fn(), staleTime: Infinity })
        s.saw('page', [a.data, b.data])
        return null
      }
      const Shell = () => {
        const [sent, send] = useState(false)
        return (
          <w.lib.HydrationBoundary state={sent ? state : undefined} options={{ defaultOptions: { queries: { gcTime: 5000 } } }}>
            <button type="button" onClick={() => send(true)} />
            <Page />
          </w.lib.HydrationBoundary>
        )
      }
      s.render(<Shell />)
      await s.advance(20)
      await s.act(click)
      await s.advance(20)
      other.clear()
    })
  })
}
