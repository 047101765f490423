import { describe } from 'vitest'
import { scenario } from './harness'

describe('fetching', () => {
  scenario('the first observer of an empty query fetches it', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: w.fn() })
    await w.advance(20)
    w.state(['a'])
  })

  scenario('observers that mount together share one fetch', async (w) => {
    const queryFn = w.fn()
    w.watch({ queryKey: ['a'], queryFn }, 'first')
    w.watch({ queryKey: ['a'], queryFn }, 'second')
    await w.advance(20)
  })

  scenario('an observer that mounts during a fetch joins it', async (w) => {
    const queryFn = w.fn()
    w.watch({ queryKey: ['a'], queryFn }, 'first')
    await w.advance(5)
    w.watch({ queryKey: ['a'], queryFn }, 'second')
    await w.advance(20)
  })

  scenario('an observer that mounts on stale data shows it and refetches', async (w) => {
    w.client.setQueryData(['a'], 'old')
    await w.advance(5)
    w.watch({ queryKey: ['a'], queryFn: w.fn() })
    await w.advance(20)
  })

  scenario('a fetch goes on without observers and fills the cache', async (w) => {
    const { stop } = w.watch({ queryKey: ['a'], queryFn: w.fn() })
    await w.advance(5)
    stop()
    await w.advance(20)
    w.state(['a'])
  })

  scenario('a fetch that read its signal is aborted and undone when the last observer leaves', async (w) => {
    const { stop } = w.watch({
      queryKey: ['a'],
      queryFn: ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            w.log('aborted')
            reject(new Error('aborted'))
          })
        }),
    })
    await w.advance(5)
    stop()
    await w.advance(20)
    w.state(['a'])
  })

  scenario('a refetch that read its signal is undone to the data before it', async (w) => {
    w.client.setQueryData(['a'], 'old')
    const { stop } = w.watch({ queryKey: ['a'], queryFn: w.fn((_, { signal }) => signal.aborted, 20) })
    const slow = w.watch(
      {
        queryKey: ['b'],
        queryFn: async ({ signal }) => {
          w.show('aborted at start', signal.aborted)
          await new Promise((resolve) => setTimeout(resolve, 50))
          return 'late'
        },
        initialData: 'first',
      },
      'slow',
    )
    await w.advance(5)
    stop()
    slow.stop()
    await w.advance(100)
    w.state(['a'])
    w.state(['b'])
  })

  scenario('the query function gets client, key, meta and signal', async (w) => {
    w.watch({
      queryKey: ['a', { page: 1 }],
      meta: { label: 'm' },
      queryFn: (context) => {
        w.show('keys', Object.keys(context).sort())
        w.show('client', context.client === w.client)
        w.show('key', context.queryKey)
        w.show('meta', context.meta)
        w.show('signal', context.signal instanceof AbortSignal)
        return 1
      },
    })
    await w.advance(0)
  })

  scenario('a query function may answer at once', async (w) => {
    w.watch({ queryKey: ['a'], queryFn: () => 'now' })
    await w.advance(0)
  })

  scenario('a query function that throws at once is a failed fetch', async (w) => {
    w.watch({
      queryKey: ['a'],
      retry: false,
      queryFn: () => {
        throw new Error('at once')
      },
    })
    await w.advance(0)
    w.state(['a'])
  })

  scenario('undefined is not data', async (w) => {
    w.watch({ queryKey: ['a'], retry: false, queryFn: () => undefined })
    await w.advance(10)
    w.state(['a'])
  })

  scenario('null, false, 0 and the empty text are data', async (w) => {
    for (const [name, value] of Object.entries({ n: null, f: false, z: 0, e: '' })) {
      w.watch({ queryKey: [name], queryFn: () => value }, name)
    }
    await w.advance(10)
  })

  scenario('a query without a query function fails', async (w) => {
    w.watch({ queryKey: ['a'], retry: false })
    await w.advance(10)
    w.state(['a'])
  })

  scenario('skipToken disables, and refetch then rejects', async (w) => {
    const { observer } = w.watch({ queryKey: ['a'], retry: false, queryFn: w.lib.skipToken })
    await w.advance(10)
    w.track('refetch', observer.refetch())
    await w.advance(10)
  })

  scenario('an observer that nobody listens to does not fetch', async (w) => {
    const observer = new w.lib.QueryObserver(w.client, { queryKey: ['a'], queryFn: w.fn() })
    await w.advance(20)
    w.show('result', observer.getCurrentResult())
  })

  scenario('an observer can be listened to again', async (w) => {
    const { observer, stop } = w.watch({ queryKey: ['a'], queryFn: w.fn() })
    await w.advance(20)
    stop()
    await w.advance(20)
    w.listen(observer, 'again')
    await w.advance(20)
  })

  scenario('two listeners of one observer are both told', async (w) => {
    const { observer } = w.watch({ queryKey: ['a'], queryFn: w.fn() })
    const stop = w.listen(observer, 'other')
    await w.advance(5)
    stop()
    await w.advance(20)
  })

  scenario('an error is kept until the next success', async (w) => {
    const { observer } = w.watch({ queryKey: ['a'], retry: false, queryFn: w.failing(1) })
    await w.advance(20)
    w.track('refetch', observer.refetch())
    await w.advance(20)
    w.state(['a'])
  })

  scenario('data survives an error in a later fetch', async (w) => {
    const { observer } = w.watch({
      queryKey: ['a'],
      retry: false,
      queryFn: w.fn((call) => {
        if (call === 2) throw new Error('second')
        return call
      }),
    })
    await w.advance(20)
    w.track('refetch', observer.refetch())
    await w.advance(20)
    w.track('refetch', observer.refetch())
    await w.advance(20)
    w.state(['a'])
  })
})
