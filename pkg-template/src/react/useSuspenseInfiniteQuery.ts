'use client'
import { InfiniteQueryObserver } from '../core/infiniteQueryObserver'
import type { QueryClient } from '../core/queryClient'
import type { QueryObserver } from '../core/queryObserver'
import { skipToken } from '../core/skipToken'
import type { DefaultError, InfiniteData, QueryKey } from '../core/types'
import { useQueryClient } from './QueryClientProvider'
import { suspending } from './suspending'
import type { UseSuspenseInfiniteQueryOptions, UseSuspenseInfiniteQueryResult } from './types'
import { useBaseQuery } from './useBaseQuery'

/** As `useInfiniteQuery`, for components inside a `<Suspense>`: there is a first page when they render. */
export function useSuspenseInfiniteQuery<
  TQueryFnData,
  TError = DefaultError,
  TData = InfiniteData<TQueryFnData>,
  TQueryKey extends QueryKey = QueryKey,
  TPageParam = unknown,
>(
  options: UseSuspenseInfiniteQueryOptions<TQueryFnData, TError, TData, TQueryKey, TPageParam>,
  queryClient?: QueryClient,
): UseSuspenseInfiniteQueryResult<TData, TError> {
  if (process.env.NODE_ENV !== 'production' && options.queryFn === (skipToken as unknown)) {
    console.error('skipToken is not allowed for useSuspenseInfiniteQuery')
  }
  const client = useQueryClient(queryClient)
  const Observer = InfiniteQueryObserver as unknown as typeof QueryObserver
  const result: unknown = useBaseQuery(suspending(client, options), Observer, client)
  return result as UseSuspenseInfiniteQueryResult<TData, TError>
}
