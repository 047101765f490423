import { describe } from 'vitest'
import { scenario } from './harness'

describe('refetchInterval', () => {
  scenario('polls', async (w) => {
    const { stop } = w.watch({ queryKey: ['a'], queryFn: w.fn(), refetchInterval: 100 })
    await w.advance(350)
    stop()
    await w.advance(300)
  })

  scenario('polls fresh data too', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.fn(), refetchInterval: 100, staleTime: Infinity })
    await w.advance(250)
  })

  scenario('rests while the page is hidden', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.fn(), refetchInterval: 100, refetchOnWindowFocus: false })
    await w.advance(150)
    w.lib.focusManager.setFocused(false)
    await w.advance(500)
    w.lib.focusManager.setFocused(true)
    await w.advance(150)
  })

  scenario('goes on while the page is hidden when told to', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.fn(), refetchInterval: 100, refetchIntervalInBackground: true })
    await w.advance(50)
    w.lib.focusManager.setFocused(false)
    await w.advance(250)
  })

  scenario('asks the function after each result', async (w) => {
    w.watch({
      queryKey: ['a'],
      queryFn: w.fn((call) => call),
      refetchInterval: (query) => ((query.state.data as number | undefined) ?? 0) < 3 && 100,
    })
    await w.advance(1000)
  })

  scenario('a changed interval takes effect', async (w) => {
    const queryFn = w.fn()
    const { observer } = w.watch({ queryKey: ['a'], queryFn, refetchInterval: 100 })
    await w.advance(150)
    observer.setOptions({ queryKey: ['a'], queryFn, refetchInterval: 30 })
    await w.advance(100)
    observer.setOptions({ queryKey: ['a'], queryFn, refetchInterval: false })
    await w.advance(300)
  })

  scenario('0 and false do not poll', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.fn(), refetchInterval: 0 })
    w.watch({ queryKey: ['b'], queryFn: w.fn(), refetchInterval: false }, 'false')
    await w.advance(1000)
  })

  scenario('a disabled observer does not poll until it is enabled', async (w) => {
    const options = { queryKey: ['a'], queryFn: w.fn(), refetchInterval: 100 }
    const { observer } = w.watch({ ...options, enabled: false })
    await w.advance(300)
    observer.setOptions({ ...options, enabled: true })
    await w.advance(150)
    observer.setOptions({ ...options, enabled: false })
    await w.advance(300)
  })

  scenario('a poll during a fetch starts no second one', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.fn(undefined, 250), refetchInterval: 100 })
    await w.advance(700)
  })

  scenario('an error does not end the polling', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.failing(2), refetchInterval: 100, retry: false })
    await w.advance(350)
  })
})
