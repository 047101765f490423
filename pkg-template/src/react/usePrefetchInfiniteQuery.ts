'use client'
import { fetchPages } from '../core/infinitePages'
import type { QueryClient } from '../core/queryClient'
import type { DefaultError, FetchInfiniteQueryOptions, QueryKey } from '../core/types'
import { useQueryClient } from './QueryClientProvider'

/** Options of `usePrefetchInfiniteQuery`. */
export type UsePrefetchInfiniteQueryOptions<
  TQueryFnData = unknown,
  TError = DefaultError,
  TData = TQueryFnData,
  TQueryKey extends QueryKey = QueryKey,
  TPageParam = unknown,
> = FetchInfiniteQueryOptions<TQueryFnData, TError, TData, TQueryKey, TPageParam>

/** As `usePrefetchQuery`, for the pages of an infinite query. */
export function usePrefetchInfiniteQuery<
  TQueryFnData = unknown,
  TError = DefaultError,
  TData = TQueryFnData,
  TQueryKey extends QueryKey = QueryKey,
  TPageParam = unknown,
>(options: UsePrefetchInfiniteQueryOptions<TQueryFnData, TError, TData, TQueryKey, TPageParam>, queryClient?: QueryClient): void {
  const client = useQueryClient(queryClient)
  if (!client.getQueryState(options.queryKey)) void client.prefetchInfiniteQuery({ ...options, _fetchPages: fetchPages })
}
