import { AttachedObserver, type ObserverFetchOptions } from './attachedObserver'
import { ObserverBits, ObserverFlag } from '../border/wire'
import { notifyManager } from './notifyManager'
import { Difference, differenceOf } from './optionsDifference'
import { isDynamic, isEnabled, isVolatile, packObserverOptions } from './packing'
import { rejected } from './rejected'
import { ResultBuilder } from './resultBuilder'
import { shallowEqualObjects } from './shallowEqual'
import type { Query } from './query'
import type { QueryClient } from './queryClient'
import type {
  DefaultError,
  DefaultedQueryObserverOptions,
  FetchStatus,
  QueryKey,
  QueryObserverOptions,
  QueryObserverResult,
  RefetchOptions,
} from './types'

/** Somebody's interest in a query: what they asked for, and the result that they see. */
export class QueryObserver<
  TQueryFnData = unknown,
  TError = DefaultError,
  TData = TQueryFnData,
  TQueryData = TQueryFnData,
  TQueryKey extends QueryKey = QueryKey,
> extends AttachedObserver<TQueryFnData, TError, TData, TQueryData, TQueryKey> {
  #currentResult: QueryObserverResult<TData, TError> = undefined!
  readonly #client: QueryClient
  readonly #builder: ResultBuilder<TQueryFnData, TError, TData, TQueryData, TQueryKey>
  #trackedProps: Set<keyof QueryObserverResult> | undefined
  #tracked: Record<'result' | 'proxy', QueryObserverResult<TData, TError>> | undefined
  constructor(
    client: QueryClient,
    options: QueryObserverOptions<TQueryFnData, TError, TData, TQueryData, TQueryKey>,
  ) {
    super(client, options)
    this.#client = client
    this.refetch = this.refetch.bind(this)
    this.#builder = new ResultBuilder(this.refetch)
    this.setOptions(options)
  }

  /** Replaces the options: another key is watched instead, and fetched if it needs to be. */
  setOptions(options: QueryObserverOptions<TQueryFnData, TError, TData, TQueryData, TQueryKey>): void {
    const prevOptions = this.options
    const defaulted = this.#client.defaultQueryOptions(options)
    if (this.#showsAlready(defaulted) && differenceOf(prevOptions, defaulted) !== Difference.Other) {
      this.#replaceFunctions(defaulted)
      return
    }
    const prevQuery = this.currentQuery as Query<TQueryFnData, TError, TQueryData, TQueryKey> | undefined
    const { enabled } = defaulted
    if (enabled !== undefined && typeof enabled !== 'boolean' && typeof enabled !== 'function') {
      throw new Error('Expected enabled to be a boolean or a callback that returns a boolean')
    }
    this.options = defaulted
    // Until they are packed below, whoever asks gets what they say: initial data among them tells all observers.
    this.dynamic = true
    this.updateQuery()
    const query = this.currentQuery
    query.setOptions(this.options)
    const cache = this.#client.getQueryCache()
    if (prevOptions._defaulted && cache.hasListeners() && !shallowEqualObjects(this.options, prevOptions)) {
      cache.notify({ type: 'observerOptionsUpdated', query, observer: this })
    }
    const mounted = this.hasListeners()
    const wasEnabled = mounted && isEnabled(prevOptions, query)
    this.dynamic = isDynamic(this.options)
    this.syncOptions()
    const now = Date.now()
    if (mounted && (query !== prevQuery || !wasEnabled)) {
      const { bits, staleTime } = this.packed
      if (query.observerFlags(bits, staleTime, now) & ObserverFlag.FetchOnChange) void this.executeFetch()
    }
    this.updateResult(now)
  }

  /** The result as it will be once these options are in force and the fetch that they cause has begun. */
  getOptimisticResult(
    options: DefaultedQueryObserverOptions<TQueryFnData, TError, TData, TQueryData, TQueryKey>,
  ): QueryObserverResult<TData, TError> {
    if (this.#showsAlready(options)) return this.#currentResult
    const query = this.#client
      .getQueryCache()
      .build<TQueryFnData, TError, TQueryData, TQueryKey>(this.#client, options)
    const result = this.createResult(query, options, Date.now())
    if (result === this.#currentResult) return result
    // What was read becomes current, so that the data that arrives next is shared with what is on screen.
    this.#currentResult = result
    this.#builder.remember(this.currentQuery, this.options)
    return result
  }

  /** What it shows now. */
  getCurrentResult(): QueryObserverResult<TData, TError> {
    return this.#currentResult
  }

  /** The result, noting which of its properties are read: only those wake the listeners. */
  trackResult(
    result: QueryObserverResult<TData, TError>,
    onPropTracked?: (key: keyof QueryObserverResult) => void,
  ): QueryObserverResult<TData, TError> {
    if (!onPropTracked && this.#tracked?.result === result) return this.#tracked.proxy
    const proxy = new Proxy(result, {
      get: (target, key, receiver) => {
        this.trackProp(key as keyof QueryObserverResult)
        onPropTracked?.(key as keyof QueryObserverResult)
        return Reflect.get(target, key, receiver) as unknown
      },
    })
    if (!onPropTracked) this.#tracked = { result, proxy }
    return proxy
  }

  /** Notes that a field is read, so that its changes wake the listeners. */
  trackProp(key: keyof QueryObserverResult): void {
    ;(this.#trackedProps ??= new Set()).add(key)
  }

  /** The query it watches. */
  getCurrentQuery(): Query<TQueryFnData, TError, TQueryData, TQueryKey> {
    return this.currentQuery
  }

  /** Fetches now, fresh or not, and resolves with the result; rejects only with `throwOnError`. */
  refetch(options: RefetchOptions = {}): Promise<QueryObserverResult<TData, TError>> {
    return this.fetch({ ...options })
  }

  /** Fetches before anybody subscribes; the result comes when there is data, from whomever. */
  fetchOptimistic(
    options: QueryObserverOptions<TQueryFnData, TError, TData, TQueryData, TQueryKey>,
  ): Promise<QueryObserverResult<TData, TError>> {
    const defaulted = this.#client.defaultQueryOptions(options)
    const cache = this.#client.getQueryCache()
    const query = cache.build<TQueryFnData, TError, TQueryData, TQueryKey>(this.#client, defaulted)
    return new Promise((resolve, reject) => {
      const finish = (): void => {
        unsubscribe()
        resolve(this.createResult(query, defaulted, Date.now()))
      }
      const unsubscribe = cache.subscribe((event) => {
        const hasData = (query.state.data as unknown) !== undefined
        if (event.type === 'updated' && event.query.queryHash === query.queryHash && hasData) finish()
      })
      query.fetch().then(finish, (error: unknown) => {
        unsubscribe()
        reject(error as Error)
      })
    })
  }

  /** Computes the result again, and tells the listeners if it changed in what they read. */
  updateResult(now = Date.now()): void {
    const prevResult = this.#currentResult as QueryObserverResult<TData, TError> | undefined
    const nextResult = this.createResult(this.currentQuery, this.options, now)
    this.#builder.remember(this.currentQuery, this.options)
    if (nextResult === prevResult) return
    this.#currentResult = nextResult
    this.#notify(this.#concernsListeners(prevResult))
  }

  /** Stops observing. */
  destroy(): void {
    // The last one that left has emptied it.
    if (this.hasListeners()) this.listeners = new Set()
    this.currentQuery.removeObserver(this)
  }

  /** For the query: its state changed. @internal */
  onQueryUpdate(now: number): void {
    const { dynamic } = this
    try {
      // Functions among the options may answer otherwise now.
      if (dynamic) this.syncOptions()
    } catch (error) {
      // What they answered last stands.
      void rejected(error)
      this.dynamic = false
    }
    this.updateResult(now)
    this.dynamic = dynamic
  }

  /** For the engine: time made the data stale. @internal */
  override onBecameStale(): void {
    if (!this.#currentResult.isStale) this.updateResult()
  }

  protected override onSubscribe(): void {
    if (this.listeners.size !== 1) return
    const now = Date.now()
    const query = this.currentQuery
    const { bits, staleTime } = this.dynamic ? packObserverOptions(this.options, query) : this.packed
    const fetches = query.observerFlags(bits, staleTime, now) & ObserverFlag.FetchOnMount
    query.addObserver(this)
    if (fetches) void this.executeFetch()
    else this.updateResult(now)
  }

  protected override onUnsubscribe(): void {
    if (!this.hasListeners()) this.destroy()
  }

  protected async fetch(fetchOptions: ObserverFetchOptions): Promise<QueryObserverResult<TData, TError>> {
    await this.executeFetch({ ...fetchOptions, cancelRefetch: fetchOptions.cancelRefetch ?? true })
    this.updateResult()
    return this.#currentResult
  }

  /**
   * Whether the current result is what these options show: nothing changed since it was made but functions that it
   * does not depend on. Most renders are like this. While the observer is mounted, the engine tells when time makes
   * the data stale; before that, and with functions among the options, only computing tells.
   */
  #showsAlready(
    options: DefaultedQueryObserverOptions<TQueryFnData, TError, TData, TQueryData, TQueryKey>,
  ): boolean {
    const query = this.currentQuery
    return (
      this.isAttached &&
      this.#builder.isBuilt(query, options, this.#currentResult) &&
      this.#client.getQueryCache().get(options.queryHash) === (query as unknown) &&
      !isVolatile(options)
    )
  }

  #replaceFunctions(
    options: DefaultedQueryObserverOptions<TQueryFnData, TError, TData, TQueryData, TQueryKey>,
  ): void {
    const difference = differenceOf(this.options, options)
    this.options = options
    this.currentQuery.setOptions(options)
    if (difference === Difference.None) return
    this.#client.getQueryCache().notify({
      type: 'observerOptionsUpdated',
      query: this.currentQuery,
      observer: this,
    })
  }

  /** @internal */
  protected override begin(query: Query<TQueryFnData, TError, TQueryData, TQueryKey>): void {
    this.#builder.begin(query)
  }

  /** The result of a query under these options. An observer that shows more than others adds to it. */
  protected createResult(
    query: Query<TQueryFnData, TError, TQueryData, TQueryKey>,
    options: QueryObserverOptions<TQueryFnData, TError, TData, TQueryData, TQueryKey>,
    now: number,
  ): QueryObserverResult<TData, TError> {
    const isOwn = options === this.options && query === this.currentQuery && !this.dynamic
    const { bits, staleTime } = isOwn ? this.packed : packObserverOptions(options, query)
    const flags = query.observerFlags(bits, staleTime, now)
    let optimisticFetch: FetchStatus | undefined
    if (options._optimisticResults) {
      const fetches = this.hasListeners()
        ? (query !== this.currentQuery || !isEnabled(this.options, query)) && flags & ObserverFlag.FetchOnChange
        : flags & ObserverFlag.FetchOnMount
      if (fetches) optimisticFetch = flags & ObserverFlag.CanFetch ? 'fetching' : 'paused'
    }
    const isStale = (flags & ObserverFlag.Stale) !== 0
    const isOn = (bits & ObserverBits.Enabled) !== 0
    const current = this.#currentResult as QueryObserverResult<TData, TError> | undefined
    return this.#builder.build(query, query === this.currentQuery, options, current, isStale, isOn, optimisticFetch)
  }

  #concernsListeners(prevResult: QueryObserverResult<TData, TError> | undefined): boolean {
    if (!prevResult) return true
    const { notifyOnChangeProps } = this.options
    const wanted = typeof notifyOnChangeProps === 'function' ? notifyOnChangeProps() : notifyOnChangeProps
    if (wanted === 'all' || (!wanted && !this.#trackedProps)) return true
    const props = new Set<keyof QueryObserverResult>(wanted ?? this.#trackedProps)
    if (this.options.throwOnError) props.add('error')
    for (const prop of props) {
      if (this.#currentResult[prop] !== prevResult[prop]) return true
    }
    return false
  }

  #notify(listeners: boolean): void {
    const cache = this.#client.getQueryCache()
    if (!listeners && !cache.hasListeners()) return
    notifyManager.batch(() => {
      if (listeners) {
        for (const listener of this.listeners) listener(this.#currentResult)
      }
      cache.notify({ type: 'observerResultsUpdated', query: this.currentQuery })
    })
  }
}
