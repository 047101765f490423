import type { MutationCache } from '../mutationCache'
import type { QueryCache } from '../queryCache'
import type { TypedQueryKey } from '../typedKey'
import type { OmitKeyof, WithRequired } from './generic'
import type { DehydrateOptions, HydrateOptions } from './hydration'
import type { MutationObserverOptions } from './mutation'
import type { QueryObserverOptions } from './observer'
import type { QueryOptions, StaleTimeFunction } from './query'
import type { DefaultError, QueryKey } from './register'

/** Defaults for every query and mutation of a client. */
export interface DefaultOptions<TError = DefaultError> {
  queries?: OmitKeyof<QueryObserverOptions<unknown, TError>, 'suspense' | 'queryKey'>
  mutations?: MutationObserverOptions<unknown, TError, unknown, unknown>
  /** What `hydrate` puts below the options that come later. */
  hydrate?: HydrateOptions['defaultOptions']
  /** What `dehydrate` takes, and how. */
  dehydrate?: DehydrateOptions
}

/** What a client is made from. Caches may be shared between clients. */
export interface QueryClientConfig {
  queryCache?: QueryCache
  mutationCache?: MutationCache
  defaultOptions?: DefaultOptions
}

/** How a call that fetches reports. */
export interface ResultOptions {
  /** Reject instead of swallowing the error. @default false */
  throwOnError?: boolean
}

/** How to refetch. */
export interface RefetchOptions extends ResultOptions {
  /** Drop a fetch under way and begin anew. @default true */
  cancelRefetch?: boolean
}

/** How `invalidateQueries` refetches. */
 
export interface InvalidateOptions extends RefetchOptions {}
/** How `resetQueries` refetches. */
 
export interface ResetOptions extends RefetchOptions {}

/** How to cancel. */
export interface CancelOptions {
  /** Go back to the state before the fetch. `cancelQueries` sets it unless told otherwise. */
  revert?: boolean
  /** Do not report the cancellation as an error. */
  silent?: boolean
}

/** How to write data. */
export interface SetDataOptions {
  /** When the data was fetched, in milliseconds since the epoch. @default now */
  updatedAt?: number
}

/** Options of `QueryClient.query`. */
export interface QueryExecuteOptions<
  TQueryFnData = unknown,
  TError = DefaultError,
  TData = TQueryFnData,
  TQueryData = TQueryFnData,
  TQueryKey extends QueryKey = QueryKey,
  TPageParam = never,
> extends WithRequired<QueryOptions<TQueryFnData, TError, TQueryData, TQueryKey, TPageParam>, 'queryKey'> {
  initialPageParam?: never
  select?: (data: TQueryData) => TData
  /** Cached data younger than this is returned without a fetch. @default 0 */
  staleTime?: StaleTimeFunction<TQueryFnData, TError, TQueryData, TQueryKey>
}

/** Options of `fetchQuery` and `prefetchQuery`. */
export interface FetchQueryOptions<
  TQueryFnData = unknown,
  TError = DefaultError,
  TData = TQueryFnData,
  TQueryKey extends QueryKey = QueryKey,
  TPageParam = never,
> extends WithRequired<QueryOptions<TQueryFnData, TError, TData, TQueryKey, TPageParam>, 'queryKey'> {
  initialPageParam?: never
  /** Cached data younger than this is returned without a fetch. @default 0 */
  staleTime?: StaleTimeFunction<TQueryFnData, TError, TData, TQueryKey>
}

/** What a typed key makes needless: it brings its query function, and the type of its data. */
type Brought = 'queryKey' | 'queryFn' | 'initialPageParam'

/** Options of `query` with a typed key alone. */
export interface TypedExecuteOptions<TTyped, TError = DefaultError, TData = TTyped>
  extends Omit<QueryExecuteOptions<TTyped, TError, TData, TTyped, TypedQueryKey<TTyped>>, Brought> {
  queryKey: TypedQueryKey<TTyped>
  queryFn?: undefined
}

/** Options of `fetchQuery` and `prefetchQuery` with a typed key alone. */
export interface TypedFetchOptions<TTyped, TError = DefaultError>
  extends Omit<FetchQueryOptions<TTyped, TError, TTyped, TypedQueryKey<TTyped>>, Brought> {
  queryKey: TypedQueryKey<TTyped>
  queryFn?: undefined
}

/** Options of `ensureQueryData` with a typed key alone. */
export interface TypedEnsureOptions<TTyped, TError = DefaultError> extends TypedFetchOptions<TTyped, TError> {
  /** Return what there is, and refetch behind it if it is stale. */
  revalidateIfStale?: boolean
}

/** Options of `ensureQueryData`. */
export interface EnsureQueryDataOptions<
  TQueryFnData = unknown,
  TError = DefaultError,
  TData = TQueryFnData,
  TQueryKey extends QueryKey = QueryKey,
  TPageParam = never,
> extends FetchQueryOptions<TQueryFnData, TError, TData, TQueryKey, TPageParam> {
  /** Return what there is, and refetch behind it if it is stale. */
  revalidateIfStale?: boolean
}
