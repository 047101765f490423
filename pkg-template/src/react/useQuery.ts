'use client'
import type { QueryClient } from '../core/queryClient'
import { QueryObserver } from '../core/queryObserver'
import type { DefaultError, QueryKey } from '../core/types'
import type { DefinedInitialDataOptions, TypedKeyOptions, UndefinedInitialDataOptions } from './queryOptions'
import type { DefinedUseQueryResult, UseQueryOptions, UseQueryResult } from './types'
import { useBaseQuery } from './useBaseQuery'

/** Watches a query, and fetches it when it is missing or stale. `queryClient` overrides the provider's. */
export function useQuery<TTyped, TError = DefaultError, TData = TTyped>(
  options: TypedKeyOptions<TTyped, TError, TData>,
  queryClient?: QueryClient,
): UseQueryResult<TData, TError>
export function useQuery<
  TQueryFnData = unknown,
  TError = DefaultError,
  TData = TQueryFnData,
  TQueryKey extends QueryKey = QueryKey,
>(
  options: DefinedInitialDataOptions<TQueryFnData, TError, TData, TQueryKey>,
  queryClient?: QueryClient,
): DefinedUseQueryResult<TData, TError>
export function useQuery<
  TQueryFnData = unknown,
  TError = DefaultError,
  TData = TQueryFnData,
  TQueryKey extends QueryKey = QueryKey,
>(
  options: UndefinedInitialDataOptions<TQueryFnData, TError, TData, TQueryKey>,
  queryClient?: QueryClient,
): UseQueryResult<TData, TError>
export function useQuery<
  TQueryFnData = unknown,
  TError = DefaultError,
  TData = TQueryFnData,
  TQueryKey extends QueryKey = QueryKey,
>(
  options: UseQueryOptions<TQueryFnData, TError, TData, TQueryKey>,
  queryClient?: QueryClient,
): UseQueryResult<TData, TError>
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what fits every overload
export function useQuery(options: any, queryClient?: QueryClient): any {
  return useBaseQuery(options as UseQueryOptions, QueryObserver, queryClient)
}
