import type { QueryObserverOptions, QueryObserverResult } from './types'

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- options of every type
type AnyOptions = QueryObserverOptions<any, any, any, any, any>

/** Whether two options shape a state in the same way. */
export function sameShape(a: AnyOptions, b: AnyOptions): boolean {
  return (
    a === b ||
    (a.select === b.select &&
      a.placeholderData === b.placeholderData &&
      a._optimisticResults === b._optimisticResults)
  )
}

/** Whether two results are equal in every field. */
export function sameResult<TData, TError>(
  a: QueryObserverResult<TData, TError>,
  b: QueryObserverResult<TData, TError>,
): boolean {
  // Only the fields that no other field decides: the booleans follow from these.
  return (
    a.data === b.data &&
    a.status === b.status &&
    a.fetchStatus === b.fetchStatus &&
    a.dataUpdatedAt === b.dataUpdatedAt &&
    a.error === b.error &&
    a.errorUpdatedAt === b.errorUpdatedAt &&
    a.failureCount === b.failureCount &&
    a.failureReason === b.failureReason &&
    a.errorUpdateCount === b.errorUpdateCount &&
    a.isFetched === b.isFetched &&
    a.isFetchedAfterMount === b.isFetchedAfterMount &&
    a.isPlaceholderData === b.isPlaceholderData &&
    a.isStale === b.isStale &&
    a.isEnabled === b.isEnabled &&
    a.refetch === b.refetch
  )
}
