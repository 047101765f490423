/** Pages whose params throw, where nobody watches; for those who do, TanStack Query hangs (test/throwingOptions.test.ts). */
import { describe } from 'vitest'
import { scenario } from './harness'
import { pages, params } from './pages'

const fault = new Error('no such page')

/** Page options that throw while `when` says so. */
const throwing = (name: 'getNextPageParam' | 'getPreviousPageParam', when: () => boolean) => ({
  ...params,
  [name]: (edge: string, all: string[], param: number) => {
    if (when()) throw fault
    return params[name](edge, all, param)
  },
})

for (const name of ['getNextPageParam', 'getPreviousPageParam'] as const) {
  describe(`${name} that throws`, () => {
    scenario('when the first page has come', async (w) => {
      w.track('fetched', w.client.fetchInfiniteQuery({ ...w.lib.infiniteQueryOptions({ queryKey: ['list'], queryFn: pages(w) as never, ...throwing(name, () => true) } as never), retry: false } as never))
      await w.advance(20)
      w.state(['list'])
    })

    scenario('when the second of two pages is fetched', async (w) => {
      w.track('fetched', w.client.fetchInfiniteQuery({ ...w.lib.infiniteQueryOptions({ queryKey: ['list'], queryFn: pages(w) as never, ...throwing(name, () => true), pages: 2 } as never), retry: 1, retryDelay: 10 } as never))
      await w.advance(50)
      w.state(['list'])
    })
  })
}
