'use client'
import { useEffect } from 'react'
import type { Query } from '../core/query'
import { shouldThrowError } from '../core/throwOnError'
import type { DefaultedQueryObserverOptions, QueryKey, QueryObserverResult } from '../core/types'
import type { QueryErrorResetBoundaryValue } from './QueryErrorResetBoundary'

/**
 * A query whose error was thrown must not fetch again when the boundary renders its children anew, unless the user
 * asked for another try; otherwise it would fail, throw and mount in a circle.
 */
export function preventErrorBoundaryRetry<TQueryFnData, TError, TData, TQueryData, TQueryKey extends QueryKey>(
  options: DefaultedQueryObserverOptions<TQueryFnData, TError, TData, TQueryData, TQueryKey>,
  boundary: QueryErrorResetBoundaryValue,
  query: Query<TQueryFnData, TError, TQueryData, TQueryKey> | undefined,
): void {
  if (!options.throwOnError || boundary.isReset()) return
  const error = query?.state.error
  if (error && query && !options.suspense && !shouldThrowError(options.throwOnError, [error, query])) return
  options.retryOnMount = false
}

/** One reset serves one render: after it, errors are thrown again. */
export function useClearReset(boundary: QueryErrorResetBoundaryValue): void {
  useEffect(() => {
    boundary.clearReset()
  }, [boundary])
}

/** Whether the result's error goes to the error boundary. */
export function throwsToBoundary<TQueryFnData, TError, TData, TQueryData, TQueryKey extends QueryKey>(
  result: QueryObserverResult<TData, TError>,
  options: DefaultedQueryObserverOptions<TQueryFnData, TError, TData, TQueryData, TQueryKey>,
  boundary: QueryErrorResetBoundaryValue,
  query: Query<TQueryFnData, TError, TQueryData, TQueryKey> | undefined,
): boolean {
  return (
    result.isError &&
    !boundary.isReset() &&
    !result.isFetching &&
    query !== undefined &&
    ((options.suspense && result.data === undefined) || shouldThrowError(options.throwOnError, [result.error, query]))
  )
}
