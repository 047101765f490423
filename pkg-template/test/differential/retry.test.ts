import { describe } from 'vitest'
import { scenario } from './harness'

describe('retry', () => {
  scenario('by default three times, after 1, 2 and 4 seconds', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.failing(9) })
    await w.advance(500)
    await w.advance(1000)
    await w.advance(2000)
    await w.advance(4000)
    w.state(['a'])
  })

  scenario('a success ends the retries and resets the failures', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.failing(2) })
    await w.advance(10_000)
    w.state(['a'])
  })

  scenario('false does not try again', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.failing(9), retry: false })
    await w.advance(10_000)
  })

  scenario('a number says how often', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.failing(9), retry: 1, retryDelay: 10 })
    await w.advance(1000)
    w.state(['a'])
  })

  scenario('true goes on for ever', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.failing(6), retry: true, retryDelay: 5 })
    await w.advance(1000)
  })

  scenario('a function decides from count and error', async (w) => {
    w.watch({
      queryKey: ['a'],
      queryFn: w.failing(9),
      retryDelay: 10,
      retry: (count, error) => {
        w.log(`retry? ${count} ${(error as Error).message}`)
        return count < 2
      },
    })
    await w.advance(1000)
  })

  scenario('a function gives the delay', async (w) => {
    w.watch({
      queryKey: ['a'],
      queryFn: w.failing(3),
      retryDelay: (count, error) => {
        w.log(`delay? ${count} ${(error as Error).message}`)
        return 10 * (count + 1)
      },
    })
    await w.advance(1000)
  })

  scenario('the delay is at most 30 seconds', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.failing(7), retry: 7 })
    await w.advance(200_000)
  })

  scenario('retries stop when the last observer leaves, and the query keeps its error', async (w) => {
    const { stop } = w.watch({ queryKey: ['a'], queryFn: w.failing(9), retryDelay: 100 })
    await w.advance(50)
    stop()
    await w.advance(500)
    w.state(['a'])
  })

  scenario('an observer that comes back in time lets the retries go on', async (w) => {
    const queryFn = w.failing(2)
    const { stop } = w.watch({ queryKey: ['a'], queryFn, retryDelay: 100 }, 'first')
    await w.advance(50)
    stop()
    w.watch({ queryKey: ['a'], queryFn, retryDelay: 100 }, 'second')
    await w.advance(500)
  })

  scenario('a manual refetch between retries begins anew when there is data', async (w) => {
    const { observer } = w.watch({
      queryKey: ['a'],
      initialData: 'first',
      queryFn: w.failing(2),
      retryDelay: 100,
    })
    await w.advance(50)
    w.track('refetch', observer.refetch())
    await w.advance(500)
  })

  scenario('a hidden page pauses the retries, focus resumes them', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.failing(1), retryDelay: 100 })
    await w.advance(50)
    w.lib.focusManager.setFocused(false)
    await w.advance(500)
    w.state(['a'])
    w.lib.focusManager.setFocused(true)
    await w.advance(50)
    w.state(['a'])
  })

  scenario('retryOnMount false leaves a failed query alone', async (w) => {
    const options = { queryKey: ['a'], queryFn: w.failing(9), retry: false, retryOnMount: false }
    const { stop } = w.watch({ ...options, retryOnMount: true }, 'first')
    await w.advance(50)
    stop()
    w.watch(options, 'second')
    await w.advance(50)
  })

  scenario('a failed query is fetched again by the next observer', async (w) => {
    const options = { queryKey: ['a'], queryFn: w.failing(1), retry: false }
    const { stop } = w.watch(options, 'first')
    await w.advance(50)
    stop()
    w.watch(options, 'second')
    await w.advance(50)
  })
})
