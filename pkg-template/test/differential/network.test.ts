import { describe } from 'vitest'
import { scenario } from './harness'

describe('networkMode', () => {
  scenario('online: a fetch waits for the network', async (w) => {
    w.lib.onlineManager.setOnline(false)
    w.watch({ queryKey: ['a'], queryFn: w.fn() })
    await w.advance(50)
    w.state(['a'])
    w.lib.onlineManager.setOnline(true)
    await w.advance(50)
    w.state(['a'])
  })

  scenario('online: losing the network pauses before the next attempt', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.failing(1), retryDelay: 100 })
    await w.advance(50)
    w.lib.onlineManager.setOnline(false)
    await w.advance(500)
    w.state(['a'])
    w.lib.onlineManager.setOnline(true)
    await w.advance(50)
  })

  scenario('online: the attempt under way is not disturbed', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.fn() })
    await w.advance(5)
    w.lib.onlineManager.setOnline(false)
    await w.advance(50)
    w.state(['a'])
  })

  scenario('always: never waits', async (w) => {
    w.lib.onlineManager.setOnline(false)
    w.watch({ queryKey: ['a'], queryFn: w.failing(2), networkMode: 'always', retryDelay: 10 })
    await w.advance(200)
    w.lib.onlineManager.setOnline(true)
    await w.advance(50)
  })

  scenario('offlineFirst: the first attempt at once, the next when online', async (w) => {
    w.lib.onlineManager.setOnline(false)
    w.watch({ queryKey: ['a'], queryFn: w.failing(1), networkMode: 'offlineFirst', retryDelay: 10 })
    await w.advance(200)
    w.state(['a'])
    w.lib.onlineManager.setOnline(true)
    await w.advance(50)
  })

  scenario('a paused first fetch is undone when the last observer leaves', async (w) => {
    w.lib.onlineManager.setOnline(false)
    const { stop } = w.watch({ queryKey: ['a'], queryFn: w.fn() })
    await w.advance(50)
    stop()
    await w.advance(50)
    w.state(['a'])
    w.lib.onlineManager.setOnline(true)
    await w.advance(50)
    w.state(['a'])
  })

  scenario('a paused refetch keeps the data and goes on when online', async (w) => {
    w.client.setQueryData(['a'], 'old')
    w.lib.onlineManager.setOnline(false)
    const { observer } = w.watch({ queryKey: ['a'], queryFn: w.fn() })
    w.track('refetch', observer.refetch())
    await w.advance(50)
    w.lib.onlineManager.setOnline(true)
    await w.advance(50)
  })

  scenario('refetchQueries does not wait for what is paused', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.fn(), initialData: 'old', staleTime: Infinity })
    w.lib.onlineManager.setOnline(false)
    w.track('refetchQueries', w.client.refetchQueries({ queryKey: ['a'] }))
    await w.advance(50)
    w.state(['a'])
    w.lib.onlineManager.setOnline(true)
    await w.advance(50)
  })

  scenario('cancelling a paused fetch leaves it idle', async (w) => {
    w.lib.onlineManager.setOnline(false)
    w.watch({ queryKey: ['a'], queryFn: w.fn() })
    await w.advance(5)
    w.track('cancel', w.client.cancelQueries({ queryKey: ['a'] }))
    await w.advance(5)
    w.state(['a'])
    w.lib.onlineManager.setOnline(true)
    await w.advance(50)
  })
})
