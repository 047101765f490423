import { describe } from 'vitest'
import { scenario } from './harness'

describe('gcTime', () => {
  scenario('an unwatched query is removed after its gc time', async (w) => {
    const { stop } = w.watch({ queryKey: ['a'], queryFn: w.fn(), gcTime: 100 })
    await w.advance(20)
    stop()
    await w.advance(99)
    w.state(['a'])
    await w.advance(1)
    w.state(['a'])
  })

  scenario('the default is five minutes', async (w) => {
    const { stop } = w.watch({ queryKey: ['a'], queryFn: w.fn() })
    await w.advance(20)
    stop()
    await w.advance(299_999)
    w.state(['a'])
    await w.advance(1)
    w.state(['a'])
  })

  scenario('a watched query is never removed', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.fn(), gcTime: 10 })
    await w.advance(1_000_000)
    w.state(['a'])
  })

  scenario('a query watched again in time is kept', async (w) => {
    const options = { queryKey: ['a'], queryFn: w.fn(), gcTime: 100, staleTime: Infinity }
    const first = w.watch(options, 'first')
    await w.advance(20)
    first.stop()
    await w.advance(90)
    const second = w.watch(options, 'second')
    await w.advance(200)
    second.stop()
    await w.advance(100)
    w.state(['a'])
  })

  scenario('the longest gc time ever given wins', async (w) => {
    const queryFn = w.fn()
    const long = w.watch({ queryKey: ['a'], queryFn, gcTime: 500, staleTime: Infinity }, 'long')
    await w.advance(20)
    const short = w.watch({ queryKey: ['a'], queryFn, gcTime: 50, staleTime: Infinity }, 'short')
    long.stop()
    short.stop()
    await w.advance(100)
    w.state(['a'])
    await w.advance(400)
    w.state(['a'])
  })

  scenario('0 removes as soon as nobody watches', async (w) => {
    const { stop } = w.watch({ queryKey: ['a'], queryFn: w.fn(), gcTime: 0 })
    await w.advance(20)
    stop()
    w.state(['a'])
    await w.advance(1)
    w.state(['a'])
  })

  scenario('Infinity keeps for ever', async (w) => {
    const { stop } = w.watch({ queryKey: ['a'], queryFn: w.fn(), gcTime: Infinity })
    await w.advance(20)
    stop()
    await w.advance(10_000_000)
    w.state(['a'])
  })

  scenario('a query set by hand is collected too', async (w) => {
    w.client.setQueryDefaults(['a'], { gcTime: 100 })
    w.client.setQueryData(['a'], 1)
    await w.advance(99)
    w.state(['a'])
    await w.advance(2)
    w.state(['a'])
  })

  scenario('a query that fetches is not collected before it ends', async (w) => {
    const { stop } = w.watch({ queryKey: ['a'], queryFn: w.fn(undefined, 500), gcTime: 100 })
    await w.advance(5)
    stop()
    await w.advance(300)
    w.state(['a'])
    await w.advance(250)
    w.state(['a'])
    await w.advance(100)
    w.state(['a'])
  })

  scenario('a prefetched query is collected from the end of its fetch on', async (w) => {
    w.track('prefetch', w.client.prefetchQuery({ queryKey: ['a'], queryFn: w.fn(), gcTime: 100 }))
    await w.advance(50)
    w.state(['a'])
    await w.advance(100)
    w.state(['a'])
  })
})
