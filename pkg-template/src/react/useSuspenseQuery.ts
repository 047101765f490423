'use client'
import type { QueryClient } from '../core/queryClient'
import { QueryObserver } from '../core/queryObserver'
import { skipToken } from '../core/skipToken'
import type { DefaultError, QueryKey } from '../core/types'
import { useQueryClient } from './QueryClientProvider'
import type { TypedKeyOptions } from './queryOptions'
import { suspending } from './suspending'
import type { UseSuspenseQueryOptions, UseSuspenseQueryResult } from './types'
import { useBaseQuery } from './useBaseQuery'

/** Options of `useSuspenseQuery` with a typed key alone. */
export type TypedSuspenseOptions<TTyped, TError = DefaultError, TData = TTyped> = Omit<
  TypedKeyOptions<TTyped, TError, TData>,
  'enabled' | 'throwOnError' | 'placeholderData'
>

/**
 * As `useQuery`, for components inside a `<Suspense>`: they render when there is data, so `data` is always there. An error
 * without data goes to the error boundary.
 */
export function useSuspenseQuery<TTyped, TError = DefaultError, TData = TTyped>(
  options: TypedSuspenseOptions<TTyped, TError, TData>,
  queryClient?: QueryClient,
): UseSuspenseQueryResult<TData, TError>
export function useSuspenseQuery<
  TQueryFnData = unknown,
  TError = DefaultError,
  TData = TQueryFnData,
  TQueryKey extends QueryKey = QueryKey,
>(
  options: UseSuspenseQueryOptions<TQueryFnData, TError, TData, TQueryKey>,
  queryClient?: QueryClient,
): UseSuspenseQueryResult<TData, TError>
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what fits every overload
export function useSuspenseQuery(options: any, queryClient?: QueryClient): any {
  if (process.env.NODE_ENV !== 'production' && (options as UseSuspenseQueryOptions).queryFn === (skipToken as unknown)) {
    console.error('skipToken is not allowed for useSuspenseQuery')
  }
  const client = useQueryClient(queryClient)
  return useBaseQuery(suspending(client, options as object), QueryObserver, client)
}
