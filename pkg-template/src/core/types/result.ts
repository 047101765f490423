import type { RefetchOptions } from './client'
import type { FetchStatus, QueryStatus } from './query'
import type { DefaultError } from './register'

/** The 25 fields every observer result has. Times are milliseconds since the epoch, 0 for never. */
export interface QueryObserverBaseResult<TData = unknown, TError = DefaultError> {
  /** The last data, after `select`; `undefined` while there is none. */
  data: TData | undefined
  /** When `data` was fetched or set. */
  dataUpdatedAt: number
  /** The last error, `null` once a fetch succeeded. */
  error: TError | null
  /** When `error` happened. */
  errorUpdatedAt: number
  /** Failed attempts of the fetch under way, or of the last one if it failed. */
  failureCount: number
  /** The error of the last failed attempt, `null` when none failed. */
  failureReason: TError | null
  /** How many fetches ended in an error, ever. */
  errorUpdateCount: number
  /** `status` is `'error'`. */
  isError: boolean
  /** The query was fetched at least once. */
  isFetched: boolean
  /** The query was fetched at least once since this observer began to watch it. */
  isFetchedAfterMount: boolean
  /** `fetchStatus` is `'fetching'`. */
  isFetching: boolean
  /** The first fetch is under way: fetching and pending. */
  isLoading: boolean
  /** `status` is `'pending'`. */
  isPending: boolean
  /** In error without data. */
  isLoadingError: boolean
  /** @deprecated the same as `isLoading` */
  isInitialLoading: boolean
  /** `fetchStatus` is `'paused'`. */
  isPaused: boolean
  /** `data` is placeholder data. */
  isPlaceholderData: boolean
  /** In error, with data from before. */
  isRefetchError: boolean
  /** Fetching, and not for the first time. */
  isRefetching: boolean
  /** The data is older than `staleTime`, or was invalidated. */
  isStale: boolean
  /** `status` is `'success'`. */
  isSuccess: boolean
  /** This observer is enabled. */
  isEnabled: boolean
  /** Fetches now, fresh or not. */
  refetch: (options?: RefetchOptions) => Promise<QueryObserverResult<TData, TError>>
  status: QueryStatus
  fetchStatus: FetchStatus
}

/** No data and no error yet. */
export interface QueryObserverPendingResult<TData = unknown, TError = DefaultError> extends QueryObserverBaseResult<
  TData,
  TError
> {
  data: undefined
  error: null
  isError: false
  isPending: true
  isLoadingError: false
  isRefetchError: false
  isSuccess: false
  isPlaceholderData: false
  status: 'pending'
}

/** The first fetch is under way. */
export interface QueryObserverLoadingResult<TData = unknown, TError = DefaultError> extends QueryObserverPendingResult<
  TData,
  TError
> {
  isLoading: true
}

/** The first fetch failed: there is no data. */
export interface QueryObserverLoadingErrorResult<
  TData = unknown,
  TError = DefaultError,
> extends QueryObserverBaseResult<TData, TError> {
  data: undefined
  error: TError
  isError: true
  isPending: false
  isLoading: false
  isLoadingError: true
  isRefetchError: false
  isSuccess: false
  isPlaceholderData: false
  status: 'error'
}

/** The last fetch failed; the data is from before. */
export interface QueryObserverRefetchErrorResult<
  TData = unknown,
  TError = DefaultError,
> extends QueryObserverBaseResult<TData, TError> {
  data: TData
  error: TError
  isError: true
  isPending: false
  isLoading: false
  isLoadingError: false
  isRefetchError: true
  isSuccess: false
  isPlaceholderData: false
  status: 'error'
}

/** There is data. */
export interface QueryObserverSuccessResult<TData = unknown, TError = DefaultError> extends QueryObserverBaseResult<
  TData,
  TError
> {
  data: TData
  error: null
  isError: false
  isPending: false
  isLoading: false
  isLoadingError: false
  isRefetchError: false
  isSuccess: true
  isPlaceholderData: false
  status: 'success'
}

/** What is shown is placeholder data. */
export interface QueryObserverPlaceholderResult<TData = unknown, TError = DefaultError> extends QueryObserverBaseResult<
  TData,
  TError
> {
  data: TData
  error: null
  isError: false
  isPending: false
  isLoading: false
  isLoadingError: false
  isRefetchError: false
  isSuccess: true
  isPlaceholderData: true
  status: 'success'
}

/** A result that surely has data: what `initialData` gives. */
export type DefinedQueryObserverResult<TData = unknown, TError = DefaultError> =
  QueryObserverRefetchErrorResult<TData, TError> | QueryObserverSuccessResult<TData, TError>

/** What an observer shows. Checking `status` (or a boolean derived from it) narrows `data` and `error`. */
export type QueryObserverResult<TData = unknown, TError = DefaultError> =
  | DefinedQueryObserverResult<TData, TError>
  | QueryObserverLoadingErrorResult<TData, TError>
  | QueryObserverLoadingResult<TData, TError>
  | QueryObserverPendingResult<TData, TError>
  | QueryObserverPlaceholderResult<TData, TError>
