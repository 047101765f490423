'use client'
import type { QueryClient } from '../core/queryClient'
import type { DefaultError, FetchQueryOptions, QueryKey, TypedFetchOptions } from '../core/types'
import { useQueryClient } from './QueryClientProvider'

/**
 * Begins to fetch during the render what a child will want, unless it is there or under way: for a query that suspends,
 * so that two of them wait side by side and not one behind the other.
 */
export function usePrefetchQuery<TTyped, TError = DefaultError>(
  options: TypedFetchOptions<TTyped, TError>,
  queryClient?: QueryClient,
): void
export function usePrefetchQuery<
  TQueryFnData = unknown,
  TError = DefaultError,
  TData = TQueryFnData,
  TQueryKey extends QueryKey = QueryKey,
>(options: FetchQueryOptions<TQueryFnData, TError, TData, TQueryKey>, queryClient?: QueryClient): void
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what fits every overload
export function usePrefetchQuery(options: any, queryClient?: QueryClient): void {
  const client = useQueryClient(queryClient)
  const { queryKey } = options as FetchQueryOptions
  if (!client.getQueryState(queryKey)) void client.prefetchQuery(options as FetchQueryOptions)
}
