import { focusManager } from './focusManager'
import { KeyDefaults } from './keyDefaults'
import { MutationCache } from './mutationCache'
import { notifyManager } from './notifyManager'
import { onlineManager } from './onlineManager'
import { QueryCache, type CacheStats } from './queryCache'
import { hashQueryKeyByOptions } from './queryHash'
import { SamekeyError } from './samekeyError'
import { skipToken } from './skipToken'
import { typedKeyFacts } from './typedKey'
import type { Query } from './query'
import type {
  CancelOptions,
  DefaultError,
  DefaultOptions,
  DefaultedQueryObserverOptions,
  EnsureQueryDataOptions,
  FetchInfiniteQueryOptions,
  FetchQueryOptions,
  InferDataFromTag,
  InferErrorFromTag,
  InfiniteData,
  InvalidateOptions,
  InvalidateQueryFilters,
  MutationFilters,
  MutationKey,
  MutationObserverOptions,
  MutationOptions,
  OmitKeyof,
  QueryClientConfig,
  QueryExecuteOptions,
  QueryFilters,
  QueryKey,
  QueryObserverOptions,
  QueryOptions,
  QueryState,
  RefetchOptions,
  RefetchQueryFilters,
  ResetOptions,
  SetDataOptions,
  StaleTime,
  TypedEnsureOptions,
  TypedExecuteOptions,
  TypedFetchOptions,
  Updater,
} from './types'

type QueryDefaults = OmitKeyof<QueryOptions, 'queryKey'>

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what fits every overload
type AnyOptions = any

const noop = (): void => {}

/** The way into the cache: reads, writes, fetches and invalidates by key. */
export class QueryClient {
  readonly #queryCache: QueryCache
  readonly #mutationCache: MutationCache
  #defaultOptions: DefaultOptions
  readonly #queryDefaults = new KeyDefaults<QueryDefaults>()
  readonly #mutationDefaults = new KeyDefaults<MutationOptions<unknown, DefaultError, unknown>>()
  #mountCount = 0
  #unsubscribeFocus: (() => void) | undefined
  #unsubscribeOnline: (() => void) | undefined

  constructor(config: QueryClientConfig = {}) {
    this.#queryCache = config.queryCache ?? new QueryCache()
    this.#mutationCache = config.mutationCache ?? new MutationCache({}, this.#queryCache.engine)
    this.#defaultOptions = config.defaultOptions ?? {}
  }

  /** Begins to listen to focus and network; the first of several mounts does, and the last unmount ends it. */
  mount(): void {
    this.#mountCount++
    if (this.#mountCount !== 1) return
    this.#unsubscribeFocus = focusManager.subscribe((focused) => {
      if (focused) void this.#resume(() => this.#queryCache.onFocus())
    })
    this.#unsubscribeOnline = onlineManager.subscribe((online) => {
      if (online) void this.#resume(() => this.#queryCache.onOnline())
    })
  }

  /** The counterpart of `mount`. */
  unmount(): void {
    this.#mountCount--
    if (this.#mountCount !== 0) return
    this.#unsubscribeFocus?.()
    this.#unsubscribeFocus = undefined
    this.#unsubscribeOnline?.()
    this.#unsubscribeOnline = undefined
  }

  /** How many queries are fetching now, of those that match. */
  isFetching<TQueryFilters extends QueryFilters = QueryFilters>(filters?: TQueryFilters): number {
    return this.#queryCache.findAll({ ...filters, fetchStatus: 'fetching' }).length
  }

  /** How many mutations are pending now, of those that match. */
  isMutating(filters?: MutationFilters): number {
    return this.#mutationCache.findAll({ ...filters, status: 'pending' }).length
  }

  /** The data under a key, now; nobody is told when it changes. */
  getQueryData<
    TQueryFnData = unknown,
    TTaggedQueryKey extends QueryKey = QueryKey,
    TInferredQueryFnData = InferDataFromTag<TQueryFnData, TTaggedQueryKey>,
  >(queryKey: TTaggedQueryKey): TInferredQueryFnData | undefined {
    return this.#find(queryKey)?.state.data as TInferredQueryFnData | undefined
  }

  /** The state under a key, now. */
  getQueryState<
    TQueryFnData = unknown,
    TError = DefaultError,
    TTaggedQueryKey extends QueryKey = QueryKey,
    TInferredQueryFnData = InferDataFromTag<TQueryFnData, TTaggedQueryKey>,
    TInferredError = InferErrorFromTag<TError, TTaggedQueryKey>,
  >(queryKey: TTaggedQueryKey): QueryState<TInferredQueryFnData, TInferredError> | undefined {
    return this.#find(queryKey)?.state as QueryState<TInferredQueryFnData, TInferredError> | undefined
  }

  /** The keys and the data of all queries that match. */
  getQueriesData<TQueryFnData = unknown, TQueryFilters extends QueryFilters = QueryFilters>(
    filters: TQueryFilters,
  ): Array<[QueryKey, TQueryFnData | undefined]> {
    return this.#queryCache
      .findAll(filters)
      .map(({ queryKey, state }) => [queryKey, state.data as TQueryFnData | undefined])
  }

  /** Writes data under a key; an updater that gives `undefined` leaves things as they are. */
  setQueryData<
    TQueryFnData = unknown,
    TTaggedQueryKey extends QueryKey = QueryKey,
    TInferredQueryFnData = InferDataFromTag<TQueryFnData, TTaggedQueryKey>,
  >(
    queryKey: TTaggedQueryKey,
    updater: Updater<NoInfer<TInferredQueryFnData> | undefined, NoInfer<TInferredQueryFnData> | undefined>,
    options?: SetDataOptions,
  ): NoInfer<TInferredQueryFnData> | undefined {
    const known = this.#find(queryKey) as Query<TInferredQueryFnData> | undefined
    const data =
      typeof updater === 'function'
        ? (updater as (data: TInferredQueryFnData | undefined) => TInferredQueryFnData | undefined)(known?.state.data)
        : updater
    if (data === undefined) return undefined
    const query = known ?? this.#queryCache.build(this, this.defaultQueryOptions({ queryKey }))
    return query.setData(data as never, { ...options, manual: true }) as TInferredQueryFnData
  }

  /** Writes data into all queries that match; makes none. */
  setQueriesData<TQueryFnData, TQueryFilters extends QueryFilters = QueryFilters>(
    filters: TQueryFilters,
    updater: Updater<NoInfer<TQueryFnData> | undefined, NoInfer<TQueryFnData> | undefined>,
    options?: SetDataOptions,
  ): Array<[QueryKey, TQueryFnData | undefined]> {
    return notifyManager.batch(() =>
      this.#queryCache
        .findAll(filters)
        .map(({ queryKey }) => [queryKey, this.setQueryData<TQueryFnData>(queryKey, updater as never, options)]),
    )
  }

  /** Lets queries go, watched or not. Nobody is told but the cache's listeners. */
  removeQueries(filters?: QueryFilters): void {
    notifyManager.batch(() => {
      for (const query of this.#queryCache.findAll(filters)) this.#queryCache.remove(query)
    })
  }

  /** Returns queries to their initial state, and refetches those on screen. */
  resetQueries(filters?: QueryFilters, options?: ResetOptions): Promise<void> {
    return notifyManager.batch(() => {
      const matched = this.#queryCache.findAll(filters)
      const queries = new Set(matched)
      for (const query of matched) query.reset()
      return this.refetchQueries({ type: 'active', predicate: (query) => queries.has(query) }, options)
    })
  }

  /** Cancels fetches and goes back to the state before them. Never rejects. */
  cancelQueries(filters?: QueryFilters, cancelOptions: CancelOptions = {}): Promise<void> {
    const options = { revert: true, ...cancelOptions }
    const promises = notifyManager.batch(() =>
      this.#queryCache.findAll(filters).map((query) => query.cancel(options)),
    )
    return Promise.all(promises).then(noop, noop)
  }

  /** Marks queries stale, and refetches those on screen (or as `refetchType` says). */
  invalidateQueries(filters?: InvalidateQueryFilters, options: InvalidateOptions = {}): Promise<void> {
    return notifyManager.batch(() => {
      for (const query of this.#queryCache.findAll(filters)) query.invalidate()
      if (filters?.refetchType === 'none') return Promise.resolve()
      const type = filters?.refetchType ?? filters?.type ?? 'active'
      return this.refetchQueries({ ...filters, type }, options)
    })
  }

  /** Fetches queries, fresh or not, but disabled and static ones. Resolves when all have ended; rejects only with `throwOnError`. */
  refetchQueries(filters?: RefetchQueryFilters, options: RefetchOptions = {}): Promise<void> {
    const fetchOptions = { ...options, cancelRefetch: options.cancelRefetch ?? true }
    const promises = notifyManager.batch(() =>
      this.#queryCache.findRefetchable(filters).map((query) => {
        const promise = query.fetch(undefined, fetchOptions)
        // One that waits for the network would keep the caller waiting.
        if (query.state.fetchStatus === 'paused') return Promise.resolve()
        return options.throwOnError ? promise : promise.catch(noop)
      }),
    )
    return Promise.all(promises).then(noop)
  }

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
    const query = this.#queryCache.build(this, defaulted)
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
    const query = this.#queryCache.build(this, defaulted)
    const cached = query.state.data
    if (cached === undefined) return this.fetchQuery(options as FetchQueryOptions)
    if (revalidateIfStale && query.isStaleByTime(staleTimeOf(defaulted, query))) {
      void this.prefetchQuery(defaulted as FetchQueryOptions)
    }
    return Promise.resolve(cached)
  }

  /**
   * The pages of an infinite query, fetched unless what is there is fresh enough: one, or as many as `pages` says. The
   * options go through `infiniteQueryOptions`, which brings what fetches pages; without, it throws `E_NO_PAGES`.
   */
  fetchInfiniteQuery<
    TQueryFnData,
    TError = DefaultError,
    TData = TQueryFnData,
    TQueryKey extends QueryKey = QueryKey,
    TPageParam = unknown,
  >(
    options: FetchInfiniteQueryOptions<TQueryFnData, TError, TData, TQueryKey, TPageParam>,
  ): Promise<InfiniteData<TData, TPageParam>> {
    requirePages(options)
    return this.fetchQuery(options as AnyOptions) as Promise<InfiniteData<TData, TPageParam>>
  }

  /** As `fetchInfiniteQuery`, for later: nothing is returned, and no error thrown. */
  prefetchInfiniteQuery<
    TQueryFnData,
    TError = DefaultError,
    TData = TQueryFnData,
    TQueryKey extends QueryKey = QueryKey,
    TPageParam = unknown,
  >(options: FetchInfiniteQueryOptions<TQueryFnData, TError, TData, TQueryKey, TPageParam>): Promise<void> {
    requirePages(options)
    return this.prefetchQuery(options as AnyOptions)
  }

  /** Continues mutations that wait for the network, if it is there. */
  resumePausedMutations(): Promise<unknown> {
    return onlineManager.isOnline() ? this.#mutationCache.resumePausedMutations() : Promise.resolve()
  }

  /** The queries. */
  getQueryCache(): QueryCache {
    return this.#queryCache
  }

  /** The mutations. */
  getMutationCache(): MutationCache {
    return this.#mutationCache
  }

  /** What the cache has counted about itself. */
  getCacheStats(): CacheStats {
    return this.#queryCache.stats()
  }

  /** The defaults for everything. */
  getDefaultOptions(): DefaultOptions {
    return this.#defaultOptions
  }

  /** Replaces the defaults for everything; what exists keeps its own until it is given options again. */
  setDefaultOptions(options: DefaultOptions): void {
    this.#defaultOptions = options
  }

  /** Defaults for the queries whose keys begin with `queryKey`. */
  setQueryDefaults(
    queryKey: QueryKey,
    options: Partial<OmitKeyof<QueryObserverOptions<never, never, never, never>, 'queryKey'>>,
  ): void {
    this.#queryDefaults.set(queryKey, options as QueryDefaults)
  }

  /** The defaults for a key: all whose keys it begins with, later ones over earlier ones. */
  getQueryDefaults(queryKey: QueryKey): OmitKeyof<QueryObserverOptions, 'queryKey'> {
    return this.#queryDefaults.get(queryKey) as OmitKeyof<QueryObserverOptions, 'queryKey'>
  }

  /** Defaults for the mutations whose keys begin with `mutationKey`. */
  setMutationDefaults(mutationKey: MutationKey, options: OmitKeyof<MutationObserverOptions, 'mutationKey'>): void {
    this.#mutationDefaults.set(mutationKey, options as never)
  }

  /** The defaults for a key: all whose keys it begins with, later ones over earlier ones. */
  getMutationDefaults(mutationKey: MutationKey): OmitKeyof<MutationObserverOptions, 'mutationKey'> {
    return this.#mutationDefaults.get(mutationKey) as OmitKeyof<MutationObserverOptions, 'mutationKey'>
  }

  /** Options with the client's and the key's defaults, and the hash, put in. */
  defaultQueryOptions<
    TQueryFnData = unknown,
    TError = DefaultError,
    TData = TQueryFnData,
    TQueryData = TQueryFnData,
    TQueryKey extends QueryKey = QueryKey,
  >(
    options:
      | QueryObserverOptions<TQueryFnData, TError, TData, TQueryData, TQueryKey>
      | DefaultedQueryObserverOptions<TQueryFnData, TError, TData, TQueryData, TQueryKey>,
  ): DefaultedQueryObserverOptions<TQueryFnData, TError, TData, TQueryData, TQueryKey> {
    type Defaulted = DefaultedQueryObserverOptions<TQueryFnData, TError, TData, TQueryData, TQueryKey>
    if (options._defaulted) return options as Defaulted
    // Runs at every render. What is filled in below stands first: V8 adds a property to a copy a hundred times
    // slower than it copies an object into one that has it.
    const defaulted = {
      _defaulted: true,
      _optimisticResults: undefined,
      queryHash: undefined,
      refetchOnReconnect: undefined,
      throwOnError: undefined,
      ...this.#defaultOptions.queries,
      ...(options.queryKey && typedKeyFacts(options.queryKey)?.defaults),
      ...this.#queryDefaults.get(options.queryKey),
      ...options,
    } as unknown as Defaulted
    if (!defaulted.queryHash) {
      defaulted.queryHash = hashQueryKeyByOptions(defaulted.queryKey, defaulted as unknown as QueryOptions)
    }
    if (defaulted.refetchOnReconnect === undefined) {
      defaulted.refetchOnReconnect = defaulted.networkMode !== 'always'
    }
    if (defaulted.throwOnError === undefined) defaulted.throwOnError = !!defaulted.suspense
    if (!defaulted.networkMode && defaulted.persister) defaulted.networkMode = 'offlineFirst'
    if (defaulted.queryFn === skipToken) defaulted.enabled = false
    return defaulted
  }

  /** Options with the client's and the key's defaults put in. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- mutations of every type
  defaultMutationOptions<T extends MutationOptions<any, any, any, any>>(options?: T): T {
    if (options?._defaulted) return options
    return {
      ...this.#defaultOptions.mutations,
      ...(options?.mutationKey && this.#mutationDefaults.get(options.mutationKey)),
      ...options,
      _defaulted: true,
    } as unknown as T
  }

  /** Empties both caches. */
  clear(): void {
    this.#queryCache.clear()
    this.#mutationCache.clear()
  }

  async #resume(refetch: () => void): Promise<void> {
    await this.resumePausedMutations()
    refetch()
  }

  #find(queryKey: QueryKey): Query | undefined {
    if (!this.#defaultOptions.queries?.queryKeyHashFn && this.#queryDefaults.size === 0) {
      return this.#queryCache.getByKey(queryKey)
    }
    return this.#queryCache.get(this.defaultQueryOptions({ queryKey }).queryHash)
  }
}

/** Says it while developing: a query function would be asked for no page. */
function requirePages({ _fetchPages }: { _fetchPages?: unknown }): void {
  if (process.env.NODE_ENV !== 'production' && !_fetchPages) throw new SamekeyError('E_NO_PAGES')
}

function staleTimeOf<TQueryFnData, TError, TData, TQueryKey extends QueryKey>(
  options: QueryObserverOptions<TQueryFnData, TError, TData, TData, TQueryKey>,
  query: Query<TQueryFnData, TError, TData, TQueryKey>,
): StaleTime | undefined {
  const { staleTime } = options
  return typeof staleTime === 'function' ? staleTime(query) : staleTime
}
