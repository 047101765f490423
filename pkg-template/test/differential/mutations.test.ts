import { describe } from 'vitest'
import { scenario, type World } from './harness'

function mutationFn(w: World, failures = 0, delay = 10) {
  let calls = 0
  return async (variables: unknown) => {
    const call = ++calls
    w.log(`mutationFn ${String(variables)} #${call}`)
    await new Promise((resolve) => setTimeout(resolve, delay))
    if (call <= failures) throw new Error(`failure${call}`)
    return `done ${String(variables)}`
  }
}

function callbacks(w: World, name: string) {
  return {
    onMutate: (variables: unknown) => {
      w.log(`${name}.onMutate ${String(variables)}`)
      return `${name} context`
    },
    onSuccess: (...args: unknown[]) => w.log(`${name}.onSuccess ${args.slice(0, 3).map(String).join(' ')}`),
    onError: (...args: unknown[]) => w.log(`${name}.onError ${args.slice(0, 3).map(String).join(' ')}`),
    onSettled: (...args: unknown[]) => w.log(`${name}.onSettled ${args.slice(0, 4).map(String).join(' ')}`),
  }
}

describe('mutations', () => {
  scenario('go from idle over pending to success', async (w) => {
    const { observer } = w.mutation({ mutationFn: mutationFn(w) })
    w.track('mutate', observer.mutate('v'))
    w.show('isMutating', w.client.isMutating())
    await w.advance(20)
    w.show('isMutating', w.client.isMutating())
  })

  scenario('an error is reported and rejects', async (w) => {
    const { observer } = w.mutation({ mutationFn: mutationFn(w, 9) })
    w.track('mutate', observer.mutate('v'))
    await w.advance(20)
  })

  scenario('do not retry by default, but when told to', async (w) => {
    const { observer } = w.mutation({ mutationFn: mutationFn(w, 2), retry: 2, retryDelay: 50 })
    w.track('mutate', observer.mutate('v'))
    await w.advance(500)
  })

  scenario('reset goes back to idle', async (w) => {
    const { observer } = w.mutation({ mutationFn: mutationFn(w) })
    w.track('mutate', observer.mutate('v'))
    await w.advance(20)
    observer.reset()
    await w.advance(0)
  })

  scenario(
    'callbacks run in order: cache, options, call',
    async (w) => {
      const { observer } = w.mutation({ mutationFn: mutationFn(w), ...callbacks(w, 'options') })
      const { onSuccess, onError, onSettled } = callbacks(w, 'call')
      w.track('mutate', observer.mutate('v', { onSuccess, onError, onSettled }))
      await w.advance(20)
    },
    (w) => ({ mutationCache: new w.lib.MutationCache(callbacks(w, 'cache') as object) }),
  )

  scenario(
    'callbacks run in order on an error too',
    async (w) => {
      const { observer } = w.mutation({ mutationFn: mutationFn(w, 9), ...callbacks(w, 'options') })
      const { onSuccess, onError, onSettled } = callbacks(w, 'call')
      w.track('mutate', observer.mutate('v', { onSuccess, onError, onSettled }))
      await w.advance(20)
    },
    (w) => ({ mutationCache: new w.lib.MutationCache(callbacks(w, 'cache') as object) }),
  )

  scenario('slow callbacks are awaited', async (w) => {
    const slow = (name: string) => async () => {
      w.log(`${name} begins`)
      await new Promise((resolve) => setTimeout(resolve, 20))
      w.log(`${name} ends`)
    }
    const { observer } = w.mutation({
      mutationFn: mutationFn(w),
      onMutate: slow('onMutate'),
      onSuccess: slow('onSuccess'),
      onSettled: slow('onSettled'),
    })
    w.track('mutate', observer.mutate('v'))
    await w.advance(200)
  })

  scenario('an error in onMutate fails the mutation before it runs', async (w) => {
    const { observer } = w.mutation({
      mutationFn: mutationFn(w),
      onMutate: () => {
        throw new Error('no')
      },
      onError: (error) => w.log(`onError ${error.message}`),
    })
    w.track('mutate', observer.mutate('v'))
    await w.advance(50)
  })

  scenario('callbacks of a call are only run for the last call', async (w) => {
    const { observer } = w.mutation({ mutationFn: mutationFn(w) })
    w.track('first', observer.mutate('1', { onSuccess: () => w.log('first call') }))
    await w.advance(5)
    w.track('second', observer.mutate('2', { onSuccess: () => w.log('second call') }))
    await w.advance(50)
  })

  scenario('callbacks of a call are not run when nobody listens', async (w) => {
    const { observer, stop } = w.mutation({ mutationFn: mutationFn(w), onSuccess: () => w.log('options') })
    w.track('mutate', observer.mutate('v', { onSuccess: () => w.log('call') }))
    await w.advance(5)
    stop()
    await w.advance(50)
  })

  scenario('wait for the network and go on with it', async (w) => {
    w.lib.onlineManager.setOnline(false)
    const { observer } = w.mutation({ mutationFn: mutationFn(w) })
    w.track('mutate', observer.mutate('v'))
    await w.advance(50)
    w.lib.onlineManager.setOnline(true)
    await w.advance(50)
  })

  scenario('pause between attempts while offline', async (w) => {
    const { observer } = w.mutation({ mutationFn: mutationFn(w, 1), retry: 1, retryDelay: 50 })
    w.track('mutate', observer.mutate('v'))
    await w.advance(20)
    w.lib.onlineManager.setOnline(false)
    await w.advance(100)
    w.lib.onlineManager.setOnline(true)
    await w.advance(50)
  })

  scenario("networkMode 'always' does not wait", async (w) => {
    w.lib.onlineManager.setOnline(false)
    const { observer } = w.mutation({ mutationFn: mutationFn(w), networkMode: 'always' })
    w.track('mutate', observer.mutate('v'))
    await w.advance(50)
  })

  scenario('of one scope run one after another', async (w) => {
    const options = { mutationFn: mutationFn(w), scope: { id: 's' } }
    const first = w.mutation(options, 'first')
    const second = w.mutation(options, 'second')
    const third = w.mutation({ ...options, scope: { id: 'other' } }, 'third')
    w.track('first', first.observer.mutate('1'))
    w.track('second', second.observer.mutate('2'))
    w.track('third', third.observer.mutate('3'))
    await w.advance(100)
  })

  scenario('of one scope go on after a failure', async (w) => {
    const options = { mutationFn: mutationFn(w, 1), scope: { id: 's' } }
    const { observer } = w.mutation(options)
    w.track('first', observer.mutate('1'))
    w.track('second', observer.mutate('2'))
    await w.advance(100)
  })

  scenario('without a mutation function fail', async (w) => {
    const { observer } = w.mutation({})
    w.track('mutate', observer.mutate('v'))
    await w.advance(10)
  })

  scenario('are collected when nobody watches', async (w) => {
    const { observer, stop } = w.mutation({ mutationFn: mutationFn(w), gcTime: 100 })
    w.track('mutate', observer.mutate('v'))
    await w.advance(20)
    stop()
    await w.advance(99)
    w.show('kept', w.client.getMutationCache().getAll().length)
    await w.advance(10)
    w.show('kept', w.client.getMutationCache().getAll().length)
  })

  scenario('take defaults by key', async (w) => {
    w.client.setMutationDefaults(['save'], { mutationFn: mutationFn(w), meta: { label: 'default' } })
    const { observer } = w.mutation({ mutationKey: ['save', 'user'] })
    w.track('mutate', observer.mutate('v'))
    w.show('of save', w.client.isMutating({ mutationKey: ['save'] }))
    w.show('exactly save', w.client.isMutating({ mutationKey: ['save'], exact: true }))
    w.show('of other', w.client.isMutating({ mutationKey: ['other'] }))
    await w.advance(20)
    w.show('found', w.client.getMutationCache().findAll({ status: 'success' }).length)
  })

  scenario('update a query before and after: the optimistic update', async (w) => {
    w.watch({ queryKey: ['todo'], queryFn: w.fn((call) => `server${call}`), staleTime: Infinity })
    await w.advance(20)
    const { observer } = w.mutation({
      mutationFn: mutationFn(w, 1),
      onMutate: async (variables) => {
        await w.client.cancelQueries({ queryKey: ['todo'] })
        const previous = w.client.getQueryData(['todo'])
        w.client.setQueryData(['todo'], `optimistic ${String(variables)}`)
        return { previous }
      },
      onError: (_error, _variables, context) => {
        w.client.setQueryData(['todo'], (context as { previous: unknown } | undefined)?.previous)
      },
      onSettled: () => w.client.invalidateQueries({ queryKey: ['todo'] }),
    })
    w.track('mutate', observer.mutate('v'))
    await w.advance(50)
    w.track('mutate', observer.mutate('w'))
    await w.advance(50)
  })
})
