import { ClientDefaults } from './clientDefaults'
import { SamekeyError } from './samekeyError'
import { noop } from './noop'
import type { Query } from './query'
import type { QueryCache } from './queryCache'
import type { QueryClient } from './queryClient'
import type {
  DefaultError,
  DefaultedQueryObserverOptions,
  EnsureInfiniteQueryDataOptions,
  EnsureQueryDataOptions,
  FetchInfiniteQueryOptions,
  FetchQueryOptions,
  InfiniteData,
  InfiniteQueryExecuteOptions,
  QueryExecuteOptions,
  QueryKey,
  QueryObserverOptions,
  StaleTime,
  TypedEnsureOptions,
  TypedExecuteOptions,
  TypedFetchOptions,
} from './types'

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what fits every overload
type AnyOptions = any

/** The half of a client that fetches by hand: for whoever wants the data once, and watches nothing. */
export abstract class FetchingClient extends ClientDefaults {
  abstract getQueryCache(): QueryCache

  /** The data under a key, fetched unless what is there is fresh enough, through `select`. */
  query<TTyped, TError = DefaultError, TData = TTyped>(
    options: TypedExecuteOptions<TTyped, TError, TData>,
  ): Promise<TData>
  query<
    TQueryFnData,
    TError = DefaultError,
    TData = TQueryFnData,
    TQueryData = TQueryFnData,
    TQueryKey extends QueryKey = QueryKey,
    TPageParam = never,
  >(
    options: QueryExecuteOptions<TQueryFnData, TError, TData, TQueryData, TQueryKey, TPageParam>,
  ): Promise<TData>
  async query(options: AnyOptions): Promise<unknown> {
    const { select } = options as QueryExecuteOptions
    const data: unknown = await this.fetchQuery(options as FetchQueryOptions)
    return select ? select(data) : data
  }

  /** The data under a key, fetched unless what is there is fresh enough. Rejects if the fetch fails. */
  fetchQuery<TTyped, TError = DefaultError>(options: TypedFetchOptions<TTyped, TError>): Promise<TTyped>
  fetchQuery<
    TQueryFnData,
    TError = DefaultError,
    TData = TQueryFnData,
    TQueryKey extends QueryKey = QueryKey,
    TPageParam = never,
  >(options: FetchQueryOptions<TQueryFnData, TError, TData, TQueryKey, TPageParam>): Promise<TData>
  fetchQuery(options: AnyOptions): Promise<unknown> {
    const defaulted = this.defaultQueryOptions(options as QueryObserverOptions)
    // Whoever asks by hand sees the error at once.
    if (defaulted.retry === undefined) defaulted.retry = false
    const query = this.#build(defaulted)
    return query.needsFetch(staleTimeOf(defaulted, query)) ? query.fetch(defaulted) : Promise.resolve(query.state.data)
  }

  /** As `fetchQuery`, for later: nothing is returned, and no error thrown. */
  prefetchQuery<TTyped, TError = DefaultError>(options: TypedFetchOptions<TTyped, TError>): Promise<void>
  prefetchQuery<
    TQueryFnData = unknown,
    TError = DefaultError,
    TData = TQueryFnData,
    TQueryKey extends QueryKey = QueryKey,
  >(options: FetchQueryOptions<TQueryFnData, TError, TData, TQueryKey>): Promise<void>
  prefetchQuery(options: AnyOptions): Promise<void> {
    return this.fetchQuery(options as FetchQueryOptions).then(noop, noop)
  }

  /** The data under a key however old it is, fetched if there is none. */
  ensureQueryData<TTyped, TError = DefaultError>(options: TypedEnsureOptions<TTyped, TError>): Promise<TTyped>
  ensureQueryData<
    TQueryFnData,
    TError = DefaultError,
    TData = TQueryFnData,
    TQueryKey extends QueryKey = QueryKey,
  >(options: EnsureQueryDataOptions<TQueryFnData, TError, TData, TQueryKey>): Promise<TData>
  ensureQueryData(options: AnyOptions): Promise<unknown> {
    const { revalidateIfStale } = options as EnsureQueryDataOptions
    const defaulted = this.defaultQueryOptions(options as QueryObserverOptions)
    const query = this.#build(defaulted)
    const cached = query.state.data
    if (cached === undefined) return this.fetchQuery(options as FetchQueryOptions)
    if (revalidateIfStale && query.isStaleByTime(staleTimeOf(defaulted, query))) {
      void this.prefetchQuery(defaulted as FetchQueryOptions)
    }
    return Promise.resolve(cached)
  }

  /**
   * The pages of an infinite query, fetched unless what is there is fresh enough, through `select`: one, or as many as
   * `pages` says. The options go through `infiniteQueryOptions`, which brings what fetches pages; without, it throws
   * `E_NO_PAGES`.
   */
  infiniteQuery<
    TQueryFnData,
    TError = DefaultError,
    TData = InfiniteData<TQueryFnData>,
    TQueryKey extends QueryKey = QueryKey,
    TPageParam = unknown,
  >(
    options: InfiniteQueryExecuteOptions<TQueryFnData, TError, TData, TQueryKey, TPageParam>,
  ): Promise<Array<TData> extends Array<InfiniteData<TQueryFnData>> ? InfiniteData<TQueryFnData, TPageParam> : TData> {
    return this.query(withPages(options))
  }

  /** As `infiniteQuery`, without `select`. */
  fetchInfiniteQuery<
    TQueryFnData,
    TError = DefaultError,
    TData = TQueryFnData,
    TQueryKey extends QueryKey = QueryKey,
    TPageParam = unknown,
  >(
    options: FetchInfiniteQueryOptions<TQueryFnData, TError, TData, TQueryKey, TPageParam>,
  ): Promise<InfiniteData<TData, TPageParam>> {
    return this.fetchQuery(withPages(options))
  }

  /** As `fetchInfiniteQuery`, for later: nothing is returned, and no error thrown. */
  prefetchInfiniteQuery<
    TQueryFnData,
    TError = DefaultError,
    TData = TQueryFnData,
    TQueryKey extends QueryKey = QueryKey,
    TPageParam = unknown,
  >(options: FetchInfiniteQueryOptions<TQueryFnData, TError, TData, TQueryKey, TPageParam>): Promise<void> {
    return this.prefetchQuery(withPages(options))
  }

  /** The pages of an infinite query however old they are, fetched as by `fetchInfiniteQuery` if there are none. */
  ensureInfiniteQueryData<
    TQueryFnData,
    TError = DefaultError,
    TData = TQueryFnData,
    TQueryKey extends QueryKey = QueryKey,
    TPageParam = unknown,
  >(
    options: EnsureInfiniteQueryDataOptions<TQueryFnData, TError, TData, TQueryKey, TPageParam>,
  ): Promise<InfiniteData<TData, TPageParam>> {
    return this.ensureQueryData(withPages(options))
  }

  #build(options: DefaultedQueryObserverOptions): Query {
    return this.getQueryCache().build(this as unknown as QueryClient, options)
  }
}

/** The options; while developing, those that bring nothing that fetches pages are refused. */
function withPages(options: { _fetchPages?: unknown }): AnyOptions {
  if (process.env.NODE_ENV !== 'production' && !options._fetchPages) throw new SamekeyError('E_NO_PAGES')
  return options
}

function staleTimeOf({ staleTime }: QueryObserverOptions, query: Query): StaleTime | undefined {
  return typeof staleTime === 'function' ? staleTime(query) : staleTime
}
