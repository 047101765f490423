import type { fetchPages } from '../infinitePages'
import type { Query } from '../query'
import type { QueryClient } from '../queryClient'
import type { SkipToken } from '../skipToken'
import type { DefaultError, QueryKey, QueryMeta } from './register'

/** Whether there is data, an error, or neither yet. */
export type QueryStatus = 'pending' | 'error' | 'success'

/** Whether the query function runs, waits for the network (or focus), or rests. */
export type FetchStatus = 'fetching' | 'paused' | 'idle'

/**
 * When the network matters. `online`: no attempt while offline. `always`: never wait.
 * `offlineFirst`: the first attempt always, retries only while online.
 */
export type NetworkMode = 'online' | 'always' | 'offlineFirst'

/** Whether to try again: always, never, up to a count, or as the function says (`failureCount` starts at 0). */
export type RetryValue<TError> = boolean | number | ((failureCount: number, error: TError) => boolean)

/** Milliseconds before the next attempt, or a function that computes them (`failureCount` starts at 0). */
export type RetryDelayValue<TError> = number | ((failureCount: number, error: TError) => number)

/** Milliseconds, `Infinity`, or `'static'`: fresh for ever, even after an invalidation. */
export type StaleTime = number | 'static'

/** A stale time, or a function that computes it from the query. */
export type StaleTimeFunction<
  TQueryFnData = unknown,
  TError = DefaultError,
  TData = TQueryFnData,
  TQueryKey extends QueryKey = QueryKey,
> = StaleTime | ((query: Query<TQueryFnData, TError, TData, TQueryKey>) => StaleTime)

/** A boolean, or a function that computes it from the query. */
export type QueryBooleanOption<
  TQueryFnData = unknown,
  TError = DefaultError,
  TData = TQueryFnData,
  TQueryKey extends QueryKey = QueryKey,
> = boolean | ((query: Query<TQueryFnData, TError, TData, TQueryKey>) => boolean)

/** Gets the data. A rejection is an error; resolving with `undefined` is one too. */
export type QueryFunction<T = unknown, TQueryKey extends QueryKey = QueryKey, TPageParam = never> = (
  context: QueryFunctionContext<TQueryKey, TPageParam>,
) => T | Promise<T>

/** Which way an infinite query's next page lies. */
export type FetchDirection = 'forward' | 'backward'

/** What a query function is given. Reading `signal` makes the query cancel when nobody watches it any more. */
export type QueryFunctionContext<TQueryKey extends QueryKey = QueryKey, TPageParam = never> = [TPageParam] extends [
  never,
]
  ? {
      client: QueryClient
      queryKey: TQueryKey
      signal: AbortSignal
      meta: QueryMeta | undefined
      pageParam?: unknown
      /** @deprecated put the direction into the page parameter */
      direction?: unknown
    }
  : {
      client: QueryClient
      queryKey: TQueryKey
      signal: AbortSignal
      pageParam: TPageParam
      /** @deprecated put the direction into the page parameter */
      direction: FetchDirection
      meta: QueryMeta | undefined
    }

/** Wraps the query function, to read from and write to a store of its own. */
export type QueryPersister<T = unknown, TQueryKey extends QueryKey = QueryKey, TPageParam = never> = (
  queryFn: QueryFunction<T, TQueryKey, TPageParam>,
  context: QueryFunctionContext<TQueryKey>,
  query: Query,
) => T | Promise<T>

/** Computes the first data of a query; `undefined` for none. */
export type InitialDataFunction<T> = () => T | undefined

/** Turns a key into its identity. Two keys with one hash are one query. */
export type QueryKeyHashFunction<TQueryKey extends QueryKey> = (queryKey: TQueryKey) => string

/** Options that belong to the query itself, whoever watches it. */
export interface QueryOptions<
  TQueryFnData = unknown,
  TError = DefaultError,
  TData = TQueryFnData,
  TQueryKey extends QueryKey = QueryKey,
  TPageParam = never,
> {
  /** Whether a failed fetch is tried again. @default 3 in the browser, 0 on the server */
  retry?: RetryValue<TError>
  /** Milliseconds between attempts. @default 1000 doubled each time, at most 30000 */
  retryDelay?: RetryDelayValue<TError>
  /** @default 'online' */
  networkMode?: NetworkMode
  /**
   * Milliseconds an unwatched query stays in memory; the longest ever given wins, `Infinity` keeps it for ever.
   * @default 300000 in the browser, Infinity on the server
   */
  gcTime?: number
  /** Gets the data; `skipToken` disables the query in a type-safe way. */
  queryFn?: QueryFunction<TQueryFnData, TQueryKey, TPageParam> | SkipToken
  persister?: QueryPersister<TQueryFnData, NoInfer<TQueryKey>, TPageParam>
  /** The key's hash, when it is already known. */
  queryHash?: string
  queryKey?: TQueryKey
  /** Replaces `hashKey` for this query. */
  queryKeyHashFn?: QueryKeyHashFunction<TQueryKey>
  /** Data to begin with; it goes into the cache and counts as fetched at `initialDataUpdatedAt`. */
  initialData?: TData | InitialDataFunction<TData>
  /** When `initialData` was fetched, in milliseconds since the epoch. @default now */
  initialDataUpdatedAt?: number | (() => number | undefined)
  /**
   * Keep the references of what did not change between two results: `true`, `false`, or your own merge.
   * @default true
   */
  structuralSharing?: boolean | ((oldData: unknown, newData: unknown) => unknown)
  /** Set by `defaultQueryOptions`: the defaults are already in. */
  _defaulted?: boolean
  /** Set by whoever watches or fetches an infinite query: how its pages are fetched. */
  _fetchPages?: typeof fetchPages
  /** Free data, also handed to the query function. */
  meta?: QueryMeta
}

/** Extra facts about a fetch. */
export interface FetchMeta {
  fetchMore?: { direction: FetchDirection }
}

/** How to fetch. */
export interface FetchOptions<TData = unknown> {
  /** Drop a fetch under way and begin anew, if the query already has data. */
  cancelRefetch?: boolean
  meta?: FetchMeta
  /** A promise already under way, taken as the first attempt. */
  initialPromise?: Promise<TData>
}

/** Everything the cache knows about one query. Times are milliseconds since the epoch, 0 for never. */
export interface QueryState<TData = unknown, TError = DefaultError> {
  data: TData | undefined
  dataUpdateCount: number
  dataUpdatedAt: number
  error: TError | null
  errorUpdateCount: number
  errorUpdatedAt: number
  fetchFailureCount: number
  fetchFailureReason: TError | null
  fetchMeta: FetchMeta | null
  isInvalidated: boolean
  status: QueryStatus
  fetchStatus: FetchStatus
}

/** What changed a query's state; it rides on the cache's `updated` event. */
export type QueryAction<TData, TError> =
  | { type: 'fetch'; meta?: FetchMeta }
  | { type: 'success'; data: TData | undefined; dataUpdatedAt?: number; manual?: boolean }
  | { type: 'error'; error: TError }
  | { type: 'failed'; failureCount: number; error: TError }
  | { type: 'pause' }
  | { type: 'continue' }
  | { type: 'invalidate' }
  | { type: 'setState'; state: Partial<QueryState<TData, TError>> }
