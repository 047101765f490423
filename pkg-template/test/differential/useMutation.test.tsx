import { describe } from 'vitest'
import { staged } from './stage'

const delayed = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

for (const strict of [false, true]) {
  describe(strict ? 'useMutation in StrictMode' : 'useMutation', () => {
    const play: typeof staged = (title, story) => staged(title, story, strict)

    play('renders each state', async (s, w) => {
      let mutate = (_: string) => {}
      let reset = () => {}
      const Page = () => {
        const result = w.lib.useMutation({
          mutationFn: async (variables: string) => {
            await delayed(10)
            return `done ${variables}`
          },
          onSuccess: (data) => w.log(`onSuccess ${data}`),
        })
        mutate = (variables) =>
          result.mutate(variables, {
            onSettled: (data) => w.log(`call settled ${String(data)}`),
          })
        reset = result.reset
        s.saw('page', { ...result })
        return null
      }
      s.render(<Page />)
      await s.act(() => mutate('v'))
      await s.advance(20)
      await s.act(() => reset())
      await s.advance(5)
    })

    play('mutateAsync gives the outcome', async (s, w) => {
      let run: (fail: boolean) => Promise<string> = () => Promise.resolve('')
      const Page = () => {
        const { mutateAsync, status } = w.lib.useMutation({
          mutationFn: async (fail: boolean) => {
            await delayed(10)
            if (fail) throw new Error('failed')
            return 'fine'
          },
        })
        run = mutateAsync
        s.saw('page', status)
        return null
      }
      s.render(<Page />)
      await s.act(() => w.track('good', run(false)))
      await s.advance(20)
      await s.act(() => w.track('bad', run(true)))
      await s.advance(20)
    })

    play('callbacks of the call are not run after unmounting, those of the options are', async (s, w) => {
      let mutate = () => {}
      const Page = () => {
        const result = w.lib.useMutation({
          mutationFn: () => delayed(20),
          onSuccess: () => w.log('options'),
        })
        mutate = () => result.mutate(undefined, { onSuccess: () => w.log('call') })
        return null
      }
      s.render(<Page />)
      await s.act(() => mutate())
      await s.advance(5)
      s.render(null)
      await s.advance(50)
    })

    play('options change between renders', async (s, w) => {
      let mutate = () => {}
      const Page = ({ name }: { name: string }) => {
        const result = w.lib.useMutation({
          mutationFn: () => delayed(20),
          onSuccess: () => w.log(`success for ${name}`),
        })
        mutate = () => result.mutate()
        return null
      }
      s.render(<Page name="first" />)
      await s.act(() => mutate())
      await s.advance(5)
      s.render(<Page name="second" />)
      await s.advance(50)
    })

    play('useIsMutating counts, useMutationState shows', async (s, w) => {
      let mutate = (_: number) => {}
      const Page = () => {
        mutate = w.lib.useMutation({ mutationKey: ['save'], mutationFn: (_: number) => delayed(20) }).mutate
        return null
      }
      const Count = () => {
        s.saw('count', [w.lib.useIsMutating(), w.lib.useIsMutating({ mutationKey: ['other'] })])
        return null
      }
      const Variables = () => {
        s.saw(
          'variables',
          w.lib.useMutationState({
            filters: { mutationKey: ['save'] },
            select: (mutation) => mutation.state.variables,
          }),
        )
        return null
      }
      s.render(
        <>
          <Page />
          <Count />
          <Variables />
        </>,
      )
      await s.act(() => mutate(1))
      await s.advance(5)
      await s.act(() => mutate(2))
      await s.advance(50)
    })

    play('an optimistic update shows at once and is undone by a failure', async (s, w) => {
      const queryFn = w.fn(() => ['milk'])
      let add = (_: string) => {}
      const Page = () => {
        const todos = w.lib.useQuery({ queryKey: ['todos'], queryFn, staleTime: Infinity })
        const mutation = w.lib.useMutation({
          mutationFn: async (_: string) => {
            await delayed(10)
            throw new Error('refused')
          },
          onMutate: async (todo) => {
            await w.client.cancelQueries({ queryKey: ['todos'] })
            const before = w.client.getQueryData<string[]>(['todos'])
            w.client.setQueryData<string[]>(['todos'], (old = []) => [...old, todo])
            return { before }
          },
          onError: (_error, _todo, context) => {
            w.client.setQueryData(['todos'], context?.before)
          },
        })
        add = mutation.mutate
        s.saw('page', { todos: todos.data, error: mutation.error })
        return null
      }
      s.render(<Page />)
      await s.advance(20)
      await s.act(() => add('bread'))
      await s.advance(5)
      await s.advance(50)
    })
  })
}
