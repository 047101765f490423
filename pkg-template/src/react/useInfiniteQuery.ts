'use client'
import { InfiniteQueryObserver } from '../core/infiniteQueryObserver'
import type { QueryClient } from '../core/queryClient'
import type { QueryObserver } from '../core/queryObserver'
import type { DefaultError, InfiniteData, QueryKey } from '../core/types'
import type { DefinedInitialDataInfiniteOptions, UndefinedInitialDataInfiniteOptions } from './infiniteQueryOptions'
import type { DefinedUseInfiniteQueryResult, UseInfiniteQueryOptions, UseInfiniteQueryResult } from './types'
import { useBaseQuery } from './useBaseQuery'

/** Watches a list that grows page by page: `fetchNextPage` gets more. */
export function useInfiniteQuery<
  TQueryFnData,
  TError = DefaultError,
  TData = InfiniteData<TQueryFnData>,
  TQueryKey extends QueryKey = QueryKey,
  TPageParam = unknown,
>(
  options: DefinedInitialDataInfiniteOptions<TQueryFnData, TError, TData, TQueryKey, TPageParam>,
  queryClient?: QueryClient,
): DefinedUseInfiniteQueryResult<TData, TError>
export function useInfiniteQuery<
  TQueryFnData,
  TError = DefaultError,
  TData = InfiniteData<TQueryFnData>,
  TQueryKey extends QueryKey = QueryKey,
  TPageParam = unknown,
>(
  options:
    | UndefinedInitialDataInfiniteOptions<TQueryFnData, TError, TData, TQueryKey, TPageParam>
    | UseInfiniteQueryOptions<TQueryFnData, TError, TData, TQueryKey, TPageParam>,
  queryClient?: QueryClient,
): UseInfiniteQueryResult<TData, TError>
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what fits every overload
export function useInfiniteQuery(options: any, queryClient?: QueryClient): any {
  return useBaseQuery(options as never, InfiniteQueryObserver as unknown as typeof QueryObserver, queryClient)
}
