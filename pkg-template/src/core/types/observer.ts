import type { Query } from '../query'
import type { NonFunctionGuard, WithRequired } from './generic'
import type { QueryBooleanOption, QueryOptions, StaleTimeFunction } from './query'
import type { DefaultError, QueryKey } from './register'
import type { QueryObserverResult } from './result'

/**
 * Which result fields wake the observer's listeners: a list, `'all'`, or a function that gives either.
 * `undefined` (the default) tracks the fields that were read.
 */
export type NotifyOnChangeProps =
  Array<keyof QueryObserverResult> | 'all' | undefined | (() => Array<keyof QueryObserverResult> | 'all' | undefined)

/** Computes what to show while a query has no data, from the last query that had some. */
export type PlaceholderDataFunction<
  TQueryFnData = unknown,
  TError = DefaultError,
  TQueryData = TQueryFnData,
  TQueryKey extends QueryKey = QueryKey,
> = (
  previousData: TQueryData | undefined,
  previousQuery: Query<TQueryFnData, TError, TQueryData, TQueryKey> | undefined,
) => TQueryData | undefined

/** The same inside `useQueries`, where there is no previous query. */
export type QueriesPlaceholderDataFunction<TQueryData> = (
  previousData: undefined,
  previousQuery: undefined,
) => TQueryData | undefined

/** Whether an error is thrown to the error boundary instead of being returned. */
export type ThrowOnError<TQueryFnData, TError, TQueryData, TQueryKey extends QueryKey> =
  boolean | ((error: TError, query: Query<TQueryFnData, TError, TQueryData, TQueryKey>) => boolean)

/** A refetch trigger: when stale, never, always, or as the function says. */
export type RefetchTrigger<
  TQueryFnData = unknown,
  TError = DefaultError,
  TQueryData = TQueryFnData,
  TQueryKey extends QueryKey = QueryKey,
> = boolean | 'always' | ((query: Query<TQueryFnData, TError, TQueryData, TQueryKey>) => boolean | 'always')

/** Options that belong to one observer of a query, besides those of the query. */
export interface QueryObserverOptions<
  TQueryFnData = unknown,
  TError = DefaultError,
  TData = TQueryFnData,
  TQueryData = TQueryFnData,
  TQueryKey extends QueryKey = QueryKey,
  TPageParam = never,
> extends WithRequired<QueryOptions<TQueryFnData, TError, TQueryData, TQueryKey, TPageParam>, 'queryKey'> {
  /** `false` stops every automatic fetch; `refetch` still works. @default true */
  enabled?: QueryBooleanOption<TQueryFnData, TError, TQueryData, TQueryKey>
  /** Milliseconds the data counts as fresh. @default 0 */
  staleTime?: StaleTimeFunction<TQueryFnData, TError, TQueryData, TQueryKey>
  /** Milliseconds between polls, `false` for none, or a function of the query. @default false */
  refetchInterval?:
    number | false | ((query: Query<TQueryFnData, TError, TQueryData, TQueryKey>) => number | false | undefined)
  /** Poll although the page is hidden. @default false */
  refetchIntervalInBackground?: boolean
  /** @default true */
  refetchOnWindowFocus?: RefetchTrigger<TQueryFnData, TError, TQueryData, TQueryKey>
  /** @default true, or false with `networkMode: 'always'` */
  refetchOnReconnect?: RefetchTrigger<TQueryFnData, TError, TQueryData, TQueryKey>
  /** @default true */
  refetchOnMount?: RefetchTrigger<TQueryFnData, TError, TQueryData, TQueryKey>
  /** Whether a query that failed is fetched again when an observer mounts. @default true */
  retryOnMount?: QueryBooleanOption<TQueryFnData, TError, TQueryData, TQueryKey>
  notifyOnChangeProps?: NotifyOnChangeProps
  /** @default false */
  throwOnError?: ThrowOnError<TQueryFnData, TError, TQueryData, TQueryKey>
  /** Computes this observer's data from the cache's; memoised on both. A throw becomes the result's error. */
  select?: (data: TQueryData) => TData
  /** Suspend while pending, throw on error. @default false */
  suspense?: boolean
  /** Shown while the query is pending; never stored. */
  placeholderData?:
    | NonFunctionGuard<TQueryData>
    | PlaceholderDataFunction<NonFunctionGuard<TQueryData>, TError, NonFunctionGuard<TQueryData>, TQueryKey>
  /** Set by the hooks: show the state the coming fetch will have. */
  _optimisticResults?: 'optimistic' | 'isRestoring'
}

/** Observer options after the client's defaults went in. */
export type DefaultedQueryObserverOptions<
  TQueryFnData = unknown,
  TError = DefaultError,
  TData = TQueryFnData,
  TQueryData = TQueryFnData,
  TQueryKey extends QueryKey = QueryKey,
> = WithRequired<
  QueryObserverOptions<TQueryFnData, TError, TData, TQueryData, TQueryKey>,
  'throwOnError' | 'refetchOnReconnect' | 'queryHash'
>
