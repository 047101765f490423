import type { FamilyStaleTime } from '../core/familyDefaults'
import type { Query } from '../core/query'
import type { QueryClient } from '../core/queryClient'
import type { DefaultedQueryObserverOptions, QueryObserverOptions, StaleTime } from '../core/types'

/**
 * The least that data is fresh and kept, in milliseconds. A component that suspends is thrown away and mounts anew when
 * the data is there: were it stale by then, it would be fetched again, and for ever.
 */
const LEAST = 1000

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- options of every type
type Options = QueryObserverOptions<any, any, any, any, any>

/** Options under which a component waits in its Suspense boundary, and errors without data go to its error boundary. */
export function suspending(client: QueryClient, options: object): DefaultedQueryObserverOptions {
  const defaulted = client.defaultQueryOptions({
    ...(options as Options),
    enabled: true,
    suspense: true,
    throwOnError: hasNoData,
    placeholderData: undefined,
  })
  const { gcTime } = defaulted
  return {
    ...defaulted,
    staleTime: lengthened(defaulted.staleTime as FamilyStaleTime | StaleTime | undefined),
    ...(typeof gcTime === 'number' ? { gcTime: Math.max(gcTime, LEAST) } : {}),
  }
}

const hasNoData = (_: unknown, query: Query): boolean => query.state.data === undefined

const clamped = (staleTime: StaleTime | undefined): StaleTime =>
  staleTime === 'static' ? staleTime : Math.max(staleTime ?? LEAST, LEAST)

/** One function stands for one: else each render would bring other options. */
const lengthenedFunctions = new WeakMap<FamilyStaleTime, FamilyStaleTime>()

function lengthened(staleTime: FamilyStaleTime | StaleTime | undefined): FamilyStaleTime | StaleTime {
  if (typeof staleTime !== 'function') return clamped(staleTime)
  let longer = lengthenedFunctions.get(staleTime)
  if (!longer) {
    longer = (query) => clamped(staleTime(query))
    if (staleTime.ofState) longer.ofState = true
    lengthenedFunctions.set(staleTime, longer)
  }
  return longer
}
