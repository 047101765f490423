import type { InfiniteQueryObserver } from '@tanstack/react-query'
import type { World } from './harness'
import { showResult } from './format'
import { KEYS, type choices } from './randomChoices'
import type { Watched } from './randomStory'

type Choices = ReturnType<typeof choices>
type Moves = Array<[weight: number, move: () => void]>

/** The key of an infinite query. */
export const LIST = ['list']

/** What happens to an infinite query besides what happens to all. */
export function lists(w: World, { pick, chance, below, behaviour }: Choices, watched: Watched[], newName: () => string): Moves {
  let calls = 0
  const queryFn = async ({ pageParam, direction }: { pageParam: number; direction: string }) => {
    const call = ++calls
    w.log(`queryFn ["list"] #${call} ${direction} ${pageParam}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
    if (call % 5 === 2 || call % 11 === 3) throw new Error(`failure${call}`)
    return call % 3 === 0 ? { of: pageParam } : { of: pageParam, call }
  }
  const next = [2, 4].map((most) => (_last: unknown, _all: unknown, param: number) => (param < most ? param + 1 : undefined))
  const previous = (_first: unknown, _all: unknown, param: number) => (param > -2 ? param - 1 : null)
  const firstPage = (data: { pages: unknown[] }) => ({ count: data.pages.length, first: data.pages[0] })

  const options = () => {
    const { select: _, initialData: __, placeholderData: ___, structuralSharing: ____, ...others } = behaviour()
    return {
      ...others,
      queryKey: LIST,
      queryFn,
      initialPageParam: 0,
      getNextPageParam: pick(next),
      ...(chance(2) ? { getPreviousPageParam: previous } : {}),
      ...(chance(3) ? { maxPages: 1 + below(3) } : {}),
      ...(chance(5) ? { select: firstPage } : {}),
      ...(chance(6) ? { initialData: { pages: ['initial'], pageParams: [0] } } : {}),
      ...(chance(6) ? { placeholderData: { pages: ['placeholder'], pageParams: [0] } } : {}),
    }
  }

  const turn = (direction: 'fetchNextPage' | 'fetchPreviousPage') => () => {
    const list = watched.filter((each) => each.options === options).at(-1)
    // What is invalidated is fetched anew after the page, by samekey (docs/differences.md).
    if (!list || w.client.getQueryState(LIST)?.isInvalidated) return
    w.log(`-- ${list.name} ${direction}`)
    const observer = list.observer as unknown as InfiniteQueryObserver
    observer[direction]({ cancelRefetch: chance(2) }).catch(() => {})
  }

  return [
    [
      3,
      () => {
        if (watched.length > 5) return
        const name = newName()
        const observer = new w.lib.InfiniteQueryObserver(w.client, options() as never)
        w.log(`${name} before ${showResult(observer.getCurrentResult())}`)
        watched.push({ observer: observer as never, stop: w.listen(observer as never, name), name, options })
      },
    ],
    [4, turn('fetchNextPage')],
    [2, turn('fetchPreviousPage')],
  ]
}

/** What comes from elsewhere, with its data or with a promise of it. */
export function hydrations(w: World, { pick, chance, below, functions }: Choices): Moves {
  const hydrate = () => {
    const queryKey: readonly unknown[] = pick([...KEYS, LIST])
    // Without a function of its own it would be fetched as no list is, by TanStack.
    if (queryKey === LIST && !w.client.getQueryCache().find({ queryKey })?.options.queryFn) return
    const at = Date.now() + pick([-60, -20, -5, 0])
    const data = queryKey === LIST ? { pages: ['sent'], pageParams: [1] } : { sent: below(3) }
    // Not into one that is there: TanStack takes the signal that another fetch has read for read by the promise's.
    const promised = chance(3) && !w.client.getQueryState(queryKey)
    const delay = pick([0, 5, 30])
    // Who takes the place of a promise of pages that failed is another matter (streamed.test.ts).
    // And where it is not asked for at once, TanStack lets its error go unhandled.
    const fails = queryKey !== LIST && chance(4) && w.lib.onlineManager.isOnline()
    const promise = new Promise((resolve, reject) => setTimeout(() => (fails ? reject(new Error('sent')) : resolve(data)), delay))
    promise.catch(() => {})
    const state = {
      data: promised ? undefined : data,
      dataUpdateCount: promised ? 0 : 1,
      dataUpdatedAt: promised ? 0 : at,
      error: null,
      errorUpdateCount: 0,
      errorUpdatedAt: 0,
      fetchFailureCount: 0,
      fetchFailureReason: null,
      fetchMeta: null,
      isInvalidated: chance(6),
      status: promised ? ('pending' as const) : ('success' as const),
      fetchStatus: promised ? ('fetching' as const) : ('idle' as const),
    }
    w.log(`-- hydrate ${JSON.stringify(queryKey)} ${promised ? `in ${delay}` : ''}`)
    const query = { queryKey, queryHash: w.lib.hashKey(queryKey), dehydratedAt: at, state, ...(promised && { promise }) }
    // One of their own, so that none fails at once: how many microtasks that takes is nobody's business.
    const queryFn = functions[KEYS.indexOf(queryKey as never)]
    w.lib.hydrate(w.client, { mutations: [], queries: [query] }, { defaultOptions: { queries: queryFn ? { queryFn: queryFn as never } : {} } })
  }
  return [[2, hydrate]]
}
