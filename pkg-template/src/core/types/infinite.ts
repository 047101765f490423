import type { FetchQueryOptions, QueryExecuteOptions, RefetchOptions } from './client'
import type { QueryObserverOptions } from './observer'
import type { DefaultError, QueryKey } from './register'
import type {
  DefinedQueryObserverResult,
  QueryObserverBaseResult,
  QueryObserverLoadingErrorResult,
  QueryObserverLoadingResult,
  QueryObserverPendingResult,
  QueryObserverPlaceholderResult,
  QueryObserverRefetchErrorResult,
  QueryObserverResult,
  QueryObserverSuccessResult,
} from './result'

/** The data of an infinite query: its pages, and what each was asked for with. */
export interface InfiniteData<TData, TPageParam = unknown> {
  pages: TData[]
  pageParams: TPageParam[]
}

/** What the next page is asked for with; `undefined` or `null` when there is none. */
export type GetNextPageParamFunction<TPageParam, TQueryFnData = unknown> = (
  lastPage: TQueryFnData,
  allPages: TQueryFnData[],
  lastPageParam: TPageParam,
  allPageParams: TPageParam[],
) => TPageParam | undefined | null

/** The same of the page before the first. */
export type GetPreviousPageParamFunction<TPageParam, TQueryFnData = unknown> = (
  firstPage: TQueryFnData,
  allPages: TQueryFnData[],
  firstPageParam: TPageParam,
  allPageParams: TPageParam[],
) => TPageParam | undefined | null

/** How the pages of an infinite query follow one another. */
export interface InfiniteQueryPageParamsOptions<TQueryFnData = unknown, TPageParam = unknown> {
  /** What the first page is asked for with. */
  initialPageParam: TPageParam
  /** What the next page is asked for with; it also says whether there is one. */
  getNextPageParam: GetNextPageParamFunction<TPageParam, TQueryFnData>
  /** The same of the page before the first. */
  getPreviousPageParam?: GetPreviousPageParamFunction<TPageParam, TQueryFnData>
  /** The most pages that are kept: one that comes drops one at the other end. @default all */
  maxPages?: number
}

/** Options of an observer of an infinite query. */
export interface InfiniteQueryObserverOptions<
  TQueryFnData = unknown,
  TError = DefaultError,
  TData = InfiniteData<TQueryFnData>,
  TQueryKey extends QueryKey = QueryKey,
  TPageParam = unknown,
> extends QueryObserverOptions<TQueryFnData, TError, TData, InfiniteData<TQueryFnData, TPageParam>, TQueryKey, TPageParam>,
    InfiniteQueryPageParamsOptions<TQueryFnData, TPageParam> {}

/** How many pages an imperative fetch gets, and how it knows them. */
type Pages<TQueryFnData, TPageParam> =
  | { pages?: never }
  | { pages: number; getNextPageParam: GetNextPageParamFunction<TPageParam, TQueryFnData> }

/** Options of `fetchInfiniteQuery` and `prefetchInfiniteQuery`. */
export type FetchInfiniteQueryOptions<
  TQueryFnData = unknown,
  TError = DefaultError,
  TData = TQueryFnData,
  TQueryKey extends QueryKey = QueryKey,
  TPageParam = unknown,
> = Omit<FetchQueryOptions<TQueryFnData, TError, InfiniteData<TData, TPageParam>, TQueryKey, TPageParam>, 'initialPageParam'> & {
  initialPageParam: TPageParam
} & Pages<TQueryFnData, TPageParam>

/** Options of `ensureInfiniteQueryData`. */
export type EnsureInfiniteQueryDataOptions<
  TQueryFnData = unknown,
  TError = DefaultError,
  TData = TQueryFnData,
  TQueryKey extends QueryKey = QueryKey,
  TPageParam = unknown,
> = FetchInfiniteQueryOptions<TQueryFnData, TError, TData, TQueryKey, TPageParam> & {
  /** Return what there is, and refetch behind it if it is stale. */
  revalidateIfStale?: boolean
}

/** Options of `infiniteQuery`. */
export type InfiniteQueryExecuteOptions<
  TQueryFnData = unknown,
  TError = DefaultError,
  TData = InfiniteData<TQueryFnData>,
  TQueryKey extends QueryKey = QueryKey,
  TPageParam = unknown,
> = Omit<
  QueryExecuteOptions<TQueryFnData, TError, TData, InfiniteData<TQueryFnData, TPageParam>, TQueryKey, TPageParam>,
  'initialPageParam'
> & {
  initialPageParam: TPageParam
} & Pages<TQueryFnData, TPageParam>

/** What an observer of an infinite query shows besides. */
export interface InfiniteQueryFields<TData = unknown, TError = DefaultError> {
  /** Fetches the page behind the last one. */
  fetchNextPage: (options?: FetchNextPageOptions) => Promise<InfiniteQueryObserverResult<TData, TError>>
  /** Fetches the page before the first one. */
  fetchPreviousPage: (options?: FetchPreviousPageOptions) => Promise<InfiniteQueryObserverResult<TData, TError>>
  /** Whether there is a page behind the last one. */
  hasNextPage: boolean
  /** Whether there is a page before the first one. */
  hasPreviousPage: boolean
  isFetchingNextPage: boolean
  isFetchingPreviousPage: boolean
  /** The last fetch was of the next page, and failed. */
  isFetchNextPageError: boolean
  /** The last fetch was of the previous page, and failed. */
  isFetchPreviousPageError: boolean
}

/** How to fetch a page. */
export interface FetchNextPageOptions extends RefetchOptions {}
/** How to fetch a page. */
export interface FetchPreviousPageOptions extends RefetchOptions {}

/** What an observer of an infinite query shows. */
export type InfiniteQueryObserverResult<TData = unknown, TError = DefaultError> = QueryObserverResult<TData, TError> &
  InfiniteQueryFields<TData, TError>

/** The same when there is data. */
export type DefinedInfiniteQueryObserverResult<TData = unknown, TError = DefaultError> = DefinedQueryObserverResult<
  TData,
  TError
> &
  InfiniteQueryFields<TData, TError>

/** One case of `InfiniteQueryObserverResult`. What all of them have. */
export interface InfiniteQueryObserverBaseResult<TData = unknown, TError = DefaultError>
  extends QueryObserverBaseResult<TData, TError>,
    InfiniteQueryFields<TData, TError> {}

/** One case of `InfiniteQueryObserverResult`. There is no data yet. */
export interface InfiniteQueryObserverPendingResult<TData = unknown, TError = DefaultError>
  extends QueryObserverPendingResult<TData, TError>,
    InfiniteQueryFields<TData, TError> {}

/** One case of `InfiniteQueryObserverResult`. There is no data yet, and it is being fetched. */
export interface InfiniteQueryObserverLoadingResult<TData = unknown, TError = DefaultError>
  extends QueryObserverLoadingResult<TData, TError>,
    InfiniteQueryFields<TData, TError> {}

/** One case of `InfiniteQueryObserverResult`. The first fetch failed. */
export interface InfiniteQueryObserverLoadingErrorResult<TData = unknown, TError = DefaultError>
  extends QueryObserverLoadingErrorResult<TData, TError>,
    InfiniteQueryFields<TData, TError> {}

/** One case of `InfiniteQueryObserverResult`. There is data, and the last fetch failed. */
export interface InfiniteQueryObserverRefetchErrorResult<TData = unknown, TError = DefaultError>
  extends QueryObserverRefetchErrorResult<TData, TError>,
    InfiniteQueryFields<TData, TError> {}

/** One case of `InfiniteQueryObserverResult`. There is data. */
export interface InfiniteQueryObserverSuccessResult<TData = unknown, TError = DefaultError>
  extends QueryObserverSuccessResult<TData, TError>,
    InfiniteQueryFields<TData, TError> {}

/** One case of `InfiniteQueryObserverResult`. There is a placeholder in place of data. */
export interface InfiniteQueryObserverPlaceholderResult<TData = unknown, TError = DefaultError>
  extends QueryObserverPlaceholderResult<TData, TError>,
    InfiniteQueryFields<TData, TError> {}
