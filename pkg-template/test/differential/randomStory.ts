/* eslint-disable @typescript-eslint/no-explicit-any -- observers of every type */
import type { QueryObserver } from '@tanstack/react-query'
import type { World } from './harness'
import { showResult } from './format'
import { choices, KEYS } from './randomChoices'
import { hydrations, lists, LIST } from './randomPages'

export interface Watched {
  observer: QueryObserver<any, any, any, any, any>
  stop: () => void
  name: string
  /** Options that suit it: an observer of pages has no use for others. */
  options: () => any
}

/** Does `steps` random things, each logged. */
export async function play(w: World, seed: number, steps: number): Promise<void> {
  const chosen = choices(w, seed)
  const { below, pick, chance, options, filters } = chosen
  const watched: Watched[] = []
  let names = 0

  /**
   * How promises end is not compared here: whoever joins a fetch that is cancelled for another one is rejected by
   * TanStack Query, and served by that other one by samekey (docs/differences.md).
   */
  const ignore = (promise: Promise<unknown>) => void promise.catch(() => {})

  const moves: Array<[weight: number, move: () => void | Promise<void>]> = [
    [
      5,
      () => {
        if (watched.length > 5) return
        const name = `observer${names++}`
        watched.push({ ...w.watch(options() as never, name), name, options })
      },
    ],
    [
      3,
      () => {
        const [leaving] = watched.splice(below(watched.length || 1), 1)
        if (!leaving) return
        w.log(`-- ${leaving.name} stops`)
        leaving.stop()
      },
    ],
    [
      3,
      () => {
        if (watched.length === 0) return
        const { observer, name, options } = pick(watched)
        w.log(`-- ${name} has other options`)
        observer.setOptions(options())
      },
    ],
    [
      2,
      () => {
        if (watched.length === 0) return
        const { observer, name, options } = pick(watched)
        // Who renders a query that was removed goes on to the one that took its place. Until then a timer of TanStack's, where
        // `enabled` is false, tells once more what the removed one showed.
        if (w.client.getQueryCache().get(observer.getCurrentQuery().queryHash) !== observer.getCurrentQuery()) return
        // As in a transition that is given up: what it rendered is shown by nobody, and what was there is rendered again.
        for (const rendered of [options(), observer.options]) {
          const defaulted = { ...w.client.defaultQueryOptions(rendered), _optimisticResults: 'optimistic' as const }
          w.log(`${name} renders ${showResult(observer.getOptimisticResult(defaulted as never))}`)
        }
      },
    ],
    [
      2,
      () => {
        if (watched.length === 0) return
        const { observer, name } = pick(watched)
        w.log(`-- ${name} refetches`)
        ignore(observer.refetch({ cancelRefetch: chance(2) }))
      },
    ],
    [8, () => w.advance(pick([0, 1, 4, 5, 6, 10, 15, 20, 50, 120]))],
    [
      2,
      () => {
        const key = pick(KEYS)
        w.log(`-- set ${JSON.stringify(key)}`)
        w.client.setQueryData(key, { set: below(3) }, chance(3) ? { updatedAt: Date.now() - 50 } : {})
      },
    ],
    [
      2,
      () => {
        w.log('-- invalidate')
        ignore(w.client.invalidateQueries({ ...filters(), ...(chance(4) ? { refetchType: 'all' as const } : {}) }))
      },
    ],
    [
      1,
      () => {
        w.log('-- refetchQueries')
        ignore(w.client.refetchQueries(filters(), { cancelRefetch: chance(2) }))
      },
    ],
    [
      1,
      () => {
        w.log('-- cancel')
        // Not without `revert`: TanStack tells that error a task later, even over a fetch begun meanwhile.
        ignore(w.client.cancelQueries(filters()))
      },
    ],
    [
      1,
      () => {
        w.log('-- reset')
        // Watched ones only: TanStack never collects an unwatched query that was reset.
        ignore(w.client.resetQueries({ ...filters(), type: 'active' }))
      },
    ],
    [
      1,
      () => {
        const removed = filters()
        w.log(`-- remove ${JSON.stringify(removed)}`)
        w.client.removeQueries(removed)
      },
    ],
    [
      1,
      () => {
        w.log('-- fetchQuery')
        const { queryKey, queryFn, staleTime } = options()
        const asked = { queryKey, queryFn, ...(staleTime === undefined ? {} : { staleTime }) }
        ignore(w.client.fetchQuery(asked as never))
      },
    ],
    [
      1,
      () => {
        const key = pick(KEYS)
        const state = pick<any>([{ data: { set: 'state' } }, { isInvalidated: true }, { dataUpdatedAt: Date.now() - 30 }])
        w.log(`-- setState ${JSON.stringify(state)}`)
        w.client.getQueryCache().find({ queryKey: key })?.setState(state)
      },
    ],
    [
      1,
      () => {
        w.log('-- ensure, prefetch')
        const { queryKey, queryFn, staleTime } = options()
        const asked = { queryKey, queryFn, ...(staleTime === undefined ? {} : { staleTime }) }
        if (chance(2)) ignore(w.client.prefetchQuery(asked as never))
        else ignore(w.client.ensureQueryData({ ...asked, revalidateIfStale: chance(2) } as never))
      },
    ],
    [
      1,
      () => {
        const update = pick<any>([(data: any) => data && (data.pages ? { ...data } : { updated: data.call ?? 0 }), (data: any) => data, () => undefined])
        w.log('-- setQueriesData')
        w.client.setQueriesData(filters(), update)
      },
    ],
    [
      1,
      async () => {
        const key = pick(KEYS)
        if (!w.lib.onlineManager.isOnline() || !w.lib.focusManager.isFocused()) return
        w.log('-- mutate')
        // Which of two timers of one millisecond fires first is chance.
        await w.advance(150)
        const { observer, stop } = w.mutation({
          mutationFn: w.fn((call) => {
            if (call % 3 === 1) throw new Error('mutation')
            return 'done'
          }, 12) as never,
          retry: pick([0, 1]),
          retryDelay: 10,
          ...(chance(2) ? { scope: { id: 'one' } } : {}),
          networkMode: pick(['online', 'always']),
          onMutate: async () => {
            // What is under way settles first: how many microtasks that takes is nobody's business.
            await new Promise((resolve) => setTimeout(resolve, 1))
            await w.client.cancelQueries({ queryKey: key })
            const before = w.client.getQueryData(key)
            w.client.setQueryData(key, { optimistic: true })
            return before
          },
          onError: (_error: unknown, _variables: unknown, before: unknown) => w.client.setQueryData(key, before),
          onSettled: () => ignore(w.client.invalidateQueries({ queryKey: key })),
        } as never, `mutation${names++}`)
        ignore(observer.mutate(1 as never))
        if (chance(3)) stop()
        await w.advance(60)
      },
    ],
    [
      1,
      () => {
        w.log('-- remount client')
        if (chance(2)) {
          w.client.unmount()
          w.client.mount()
        } else w.client.clear()
      },
    ],
    [
      1,
      async () => {
        w.log('-- focus')
        // What fails at once has failed, and what was paused goes on: how many microtasks that takes is nobody's business.
        await w.advance(0)
        w.lib.focusManager.setFocused(!w.lib.focusManager.isFocused())
        await w.advance(0)
      },
    ],
    [
      1,
      () => {
        w.log('-- network')
        w.lib.onlineManager.setOnline(!w.lib.onlineManager.isOnline())
      },
    ],
    ...lists(w, chosen, watched, () => `observer${names++}`),
    ...hydrations(w, chosen),
  ]
  // Before anything else: what TanStack makes of defaults that come or go later is another matter (docs/differences.md).
  for (const key of [['a'], ['a', 1], ['b']]) {
    const staleTime = pick([undefined, 3, 60])
    if (chance(3)) w.client.setQueryDefaults(key, { retry: below(3), gcTime: pick([40, 300]), ...(staleTime && { staleTime }) })
  }
  const bag = moves.flatMap(([weight, move]) => Array.from({ length: weight }, () => move))
  for (let step = 0; step < steps; step++) {
    const done = pick(bag)()
    if (done) await done
    // Several things may happen in one task. What is pending settles before the states are compared: how many
    // microtasks a promise takes is nobody's business.
    if (chance(2)) continue
    await w.advance(0)
    for (const key of [...KEYS, LIST]) w.show(`  ${JSON.stringify(key)}`, w.client.getQueryState(key))
  }
  w.lib.focusManager.setFocused(true)
  w.lib.onlineManager.setOnline(true)
  await w.advance(1000)
}

