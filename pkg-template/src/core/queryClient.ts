import { FetchingClient } from './fetchingClient'
import { focusManager } from './focusManager'
import { MutationCache } from './mutationCache'
import { notifyManager } from './notifyManager'
import { onlineManager } from './onlineManager'
import { QueryCache } from './queryCache'
import { noop } from './noop'
import type { CacheStats } from './cacheStats'
import type { Query } from './query'
import type {
  CancelOptions,
  DefaultError,
  InferDataFromTag,
  InferErrorFromTag,
  InvalidateOptions,
  InvalidateQueryFilters,
  MutationFilters,
  QueryClientConfig,
  QueryFilters,
  QueryKey,
  QueryState,
  RefetchOptions,
  RefetchQueryFilters,
  ResetOptions,
  SetDataOptions,
  Updater,
} from './types'

/** The way into the cache: reads, writes, fetches and invalidates by key. */
export class QueryClient extends FetchingClient {
  readonly #queryCache: QueryCache
  readonly #mutationCache: MutationCache
  #mountCount = 0
  #unsubscribeFocus: (() => void) | undefined
  #unsubscribeOnline: (() => void) | undefined

  constructor(config: QueryClientConfig = {}) {
    super(config.defaultOptions)
    this.#queryCache = config.queryCache ?? new QueryCache()
    this.#mutationCache = config.mutationCache ?? new MutationCache({}, this.#queryCache.engine)
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
    return this.hashesByKeyAlone
      ? this.#queryCache.getByKey(queryKey)
      : this.#queryCache.get(this.defaultQueryOptions({ queryKey }).queryHash)
  }
}
