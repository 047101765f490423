/* eslint-disable @typescript-eslint/no-explicit-any -- queries of every type */
import type { World } from './harness'

/** A small generator of one's own: the same seed tells the same story on every machine. */
export function randomness(seed: number) {
  let state = seed * 2_654_435_761 + 1
  const below = (limit: number): number => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 3_266_489_917) >>> 0
    return (state >>> 8) % limit
  }
  return {
    below,
    pick: <T>(items: readonly T[]): T => items[below(items.length)] as T,
    chance: (of: number) => below(of) === 0,
  }
}

/** Milliseconds between attempts, at most. */
export const LONGEST_DELAY = 100

export const KEYS = [['a'], ['a', 1], ['b', { x: 1, y: 2 }]] as const

/** What may be chosen in a story: options of observers of three queries whose functions sometimes fail, and filters. */
export function choices(w: World, seed: number) {
  const { below, pick, chance } = randomness(seed)

  // One of each per key: which of two queries is served first must not decide what they get.
  const failing = KEYS.map(() =>
    w.fn((call) => {
      if (call % 5 === 2 || call % 7 === 3) throw new Error(`failure${call}`)
      return call % 3 === 0 ? { same: true } : { call }
    }, 10),
  )
  const cancellable = KEYS.map(() => {
    const fn = w.fn((call) => `cancellable${call}`, 15)
    // Read at once: TanStack takes a read by a fetch that was replaced for one by the fetch that replaced it.
    return (context: { signal: AbortSignal }) => {
      w.show('  aborted', context.signal.aborted)
      return fn(context as never)
    }
  })

  const source = () => {
    const key = below(KEYS.length)
    return { queryKey: KEYS[key] as readonly unknown[], queryFn: (chance(4) ? cancellable : failing)[key] }
  }
  const selected = (data: unknown) => ({ once: data })
  const behaviour = () => ({
    retryDelay: pick([5, 20, LONGEST_DELAY, (count: number) => 5 + 10 * count]),
    ...(chance(2) ? { retry: pick([false, 0, 1, 2, true, (count: number, error: Error) => count < 2 && error.message !== 'failure3'] as const) } : {}),
    ...(chance(2) ? { staleTime: pick([0, 8, 33, 97, Infinity, 'static' as const, (query: any) => (query.state.dataUpdateCount % 2 ? 20 : 0)]) } : {}),
    ...(chance(4) ? { gcTime: pick([0, 20, 50, 200]) } : {}),
    ...(chance(4) ? { enabled: pick([true, false, (query: any) => query.state.dataUpdateCount < 3]) } : {}),
    ...(chance(5) ? { networkMode: pick(['online', 'always', 'offlineFirst'] as const) } : {}),
    ...(chance(4) ? { refetchOnMount: pick([true, false, 'always'] as const) } : {}),
    ...(chance(4) ? { refetchOnWindowFocus: pick([true, false, 'always'] as const) } : {}),
    ...(chance(4) ? { refetchOnReconnect: pick([true, false, 'always'] as const) } : {}),
    ...(chance(5) ? { retryOnMount: chance(2) } : {}),
    ...(chance(6) ? { placeholderData: pick([w.lib.keepPreviousData, 'placeholder', (previous: unknown, query: any) => previous && { previous, of: query?.queryKey }]) } : {}),
    ...(chance(6) ? { initialData: pick<any>(['initial', () => 'computed', () => undefined]) } : {}),
    ...(chance(6) ? { initialDataUpdatedAt: pick<any>([Date.now() - 40, () => Date.now() - 10, 0]) } : {}),
    ...(chance(6) ? { meta: { name: pick(['x', 'y']) } } : {}),
    ...(chance(6) ? { select: pick([selected, (data: unknown) => ({ selected: data })]) } : {}),
    ...(chance(6) ? { notifyOnChangeProps: pick([['data'], ['isFetching', 'error'], 'all'] as const) } : {}),
    ...(chance(9) ? { structuralSharing: pick<any>([false, (before: any, after: any) => (before?.same ? before : after)]) } : {}),
    ...(chance(9) ? { suspense: true } : {}),
  })
  const options = () => ({ ...source(), ...behaviour() })
  const filters = () => ({
    ...(chance(3) ? {} : { queryKey: pick(KEYS) }),
    ...(chance(3) ? { exact: true } : {}),
    ...(chance(4) ? { type: pick(['all', 'active', 'inactive'] as const) } : {}),
    ...(chance(6) ? { stale: chance(2) } : {}),
  })

  return { below, pick, chance, behaviour, options, filters, functions: failing }
}
