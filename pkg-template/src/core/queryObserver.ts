import type { Engine, ObserverHost } from '../border/engine'
import { ObserverFlag } from '../border/wire'
import { notifyManager } from './notifyManager'
import { packObserverBits, type ResolvedObserverOptions } from './packing'
import { ResultBuilder, sameResult } from './resultBuilder'
import { shallowEqualObjects } from './shallowEqual'
import { Subscribable } from './subscribable'
import type { Query } from './query'
import type { QueryClient } from './queryClient'
import type {
  DefaultError,
  DefaultedQueryObserverOptions,
  FetchOptions,
  QueryKey,
  QueryObserverOptions,
  QueryObserverResult,
  QueryState,
  RefetchOptions,
} from './types'

/** What an observer's listeners are. */
export type QueryObserverListener<TData, TError> = (result: QueryObserverResult<TData, TError>) => void

type ObserverFetchOptions = Omit<FetchOptions, 'initialPromise'> & { throwOnError?: boolean | undefined }

const noop = (): void => {}

/** The engine's name of an observer that it does not know. */
const UNATTACHED = -1

/** Somebody's interest in a query: what they asked for, and the result that they see. */
export class QueryObserver<
  TQueryFnData = unknown,
  TError = DefaultError,
  TData = TQueryFnData,
  TQueryData = TQueryFnData,
  TQueryKey extends QueryKey = QueryKey,
>
  extends Subscribable<QueryObserverListener<TData, TError>>
  implements ObserverHost
{
  readonly #client: QueryClient
  #currentQuery: Query<TQueryFnData, TError, TQueryData, TQueryKey> = undefined!
  #currentResult: QueryObserverResult<TData, TError> = undefined!
  readonly #builder: ResultBuilder<TQueryFnData, TError, TData, TQueryData, TQueryKey>
  readonly #trackedProps = new Set<keyof QueryObserverResult>()
  /** The engine's name for this observer while it is mounted. */
  #id = UNATTACHED
  /** What the current result was made from. */
  #basis: Basis<TQueryFnData, TError, TData, TQueryData, TQueryKey> | undefined
  #tracked: Record<'result' | 'proxy', QueryObserverResult<TData, TError>> | undefined
  #bits = 0
  #staleTime = 0
  #interval = NaN

  constructor(
    client: QueryClient,
    public options: QueryObserverOptions<TQueryFnData, TError, TData, TQueryData, TQueryKey>,
  ) {
    super()
    this.#client = client
    this.refetch = this.refetch.bind(this)
    this.#builder = new ResultBuilder(this.refetch)
    this.setOptions(options)
  }

  setOptions(options: QueryObserverOptions<TQueryFnData, TError, TData, TQueryData, TQueryKey>): void {
    const prevOptions = this.options
    const defaulted = this.#client.defaultQueryOptions(options)
    if (this.#showsAlready(defaulted) && differenceOf(prevOptions, defaulted) !== Difference.Other) {
      this.#replaceFunctions(defaulted)
      return
    }
    const prevQuery = this.#currentQuery as Query<TQueryFnData, TError, TQueryData, TQueryKey> | undefined
    const wasEnabled = this.#enabled(prevOptions, prevQuery)
    this.options = defaulted
    const { enabled } = this.options
    if (
      enabled !== undefined &&
      typeof enabled !== 'boolean' &&
      typeof enabled !== 'function'
    ) {
      throw new Error('Expected enabled to be a boolean or a callback that returns a boolean')
    }
    this.#updateQuery()
    this.#currentQuery.setOptions(this.options)
    if (prevOptions._defaulted && !shallowEqualObjects(this.options, prevOptions)) {
      this.#client.getQueryCache().notify({
        type: 'observerOptionsUpdated',
        query: this.#currentQuery,
        observer: this,
      })
    }
    this.syncOptions()
    const changed = this.#currentQuery !== prevQuery || !wasEnabled
    if (
      this.hasListeners() &&
      changed &&
      this.#flags(this.#currentQuery, this.options) & ObserverFlag.FetchOnChange
    ) {
      void this.#executeFetch()
    }
    this.updateResult()
  }

  /** The result as it will be once these options are in force and the fetch that they cause has begun. */
  getOptimisticResult(
    options: DefaultedQueryObserverOptions<TQueryFnData, TError, TData, TQueryData, TQueryKey>,
  ): QueryObserverResult<TData, TError> {
    if (this.#showsAlready(options)) return this.#currentResult
    const query = this.#client
      .getQueryCache()
      .build<TQueryFnData, TError, TQueryData, TQueryKey>(this.#client, options)
    const result = this.#createResult(query, options)
    this.#basis = { query, state: query.state, options }
    // The same result keeps its reference: what depends on it need not run again.
    if (sameResult(this.#currentResult, result)) return this.#currentResult
    // What was read becomes current, so that the data that arrives next is shared with what is on screen.
    this.#currentResult = result
    this.#builder.remember(this.#currentQuery, this.options)
    return result
  }

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

  trackProp(key: keyof QueryObserverResult): void {
    this.#trackedProps.add(key)
  }

  getCurrentQuery(): Query<TQueryFnData, TError, TQueryData, TQueryKey> {
    return this.#currentQuery
  }

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
        resolve(this.#createResult(query, defaulted))
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
  updateResult(): void {
    const prevResult = this.#currentResult as QueryObserverResult<TData, TError> | undefined
    const nextResult = this.#createResult(this.#currentQuery, this.options)
    this.#builder.remember(this.#currentQuery, this.options)
    this.#basis = { query: this.#currentQuery, state: this.#currentQuery.state, options: this.options }
    if (prevResult && sameResult(nextResult, prevResult)) return
    this.#currentResult = nextResult
    this.#notify(this.#concernsListeners(prevResult))
  }

  /** Stops observing. */
  destroy(): void {
    this.listeners = new Set()
    this.#currentQuery.removeObserver(this)
  }

  onQueryUpdate(): void {
    this.updateResult()
    // Functions among the options may answer otherwise now.
    if (this.#id !== UNATTACHED && isDynamic(this.options)) this.syncOptions()
  }

  onFetchDue(): void {
    void this.#executeFetch({ cancelRefetch: false })
  }

  onBecameStale(): void {
    if (!this.#currentResult.isStale) this.updateResult()
  }

  /** The query has taken this observer in: the engine watches its deadlines from now on. */
  attach(engine: Engine): void {
    this.#pack()
    const id = engine.core.observe(
      this.#currentQuery.id,
      this.#bits,
      this.#staleTime,
      this.#interval,
      Date.now(),
      engine.environment(),
    )
    this.#id = id ?? UNATTACHED
    if (id === undefined) return
    engine.observers[id] = this
    if (isDynamic(this.options)) this.#client.getQueryCache().setDynamic(this, true)
    engine.perform()
  }

  /** The query has let this observer go. */
  detach(engine: Engine): void {
    const id = this.#id
    this.#id = UNATTACHED
    this.#client.getQueryCache().setDynamic(this, false)
    if (id === UNATTACHED) return
    engine.observers[id] = undefined
    engine.core.unobserve(id, Date.now(), engine.environment())
    engine.perform()
  }

  /** Tells the engine what the options say now, if that changed. */
  syncOptions(): void {
    if (this.#id === UNATTACHED || !this.#pack()) return
    const cache = this.#client.getQueryCache()
    cache.setDynamic(this, isDynamic(this.options))
    const { engine } = cache
    engine.core.setObserverOptions(
      this.#id,
      this.#bits,
      this.#staleTime,
      this.#interval,
      Date.now(),
      engine.environment(),
    )
    engine.perform()
  }

  protected override onSubscribe(): void {
    if (this.listeners.size !== 1) return
    const fetches = this.#flags(this.#currentQuery, this.options) & ObserverFlag.FetchOnMount
    this.#currentQuery.addObserver(this)
    if (fetches) void this.#executeFetch()
    else this.updateResult()
  }

  protected override onUnsubscribe(): void {
    if (!this.hasListeners()) this.destroy()
  }

  protected async fetch(fetchOptions: ObserverFetchOptions): Promise<QueryObserverResult<TData, TError>> {
    await this.#executeFetch({ ...fetchOptions, cancelRefetch: fetchOptions.cancelRefetch ?? true })
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
    const basis = this.#basis
    return (
      basis !== undefined &&
      this.#id !== UNATTACHED &&
      basis.query === this.#currentQuery &&
      basis.state === basis.query.state &&
      this.#client.getQueryCache().get(options.queryHash) === (basis.query as unknown) &&
      differenceOf(basis.options, options) !== Difference.Other &&
      !isDynamic(options)
    )
  }

  #replaceFunctions(
    options: DefaultedQueryObserverOptions<TQueryFnData, TError, TData, TQueryData, TQueryKey>,
  ): void {
    const difference = differenceOf(this.options, options)
    this.options = options
    this.#currentQuery.setOptions(options)
    if (difference === Difference.None) return
    this.#client.getQueryCache().notify({
      type: 'observerOptionsUpdated',
      query: this.#currentQuery,
      observer: this,
    })
  }

  #executeFetch(fetchOptions?: ObserverFetchOptions): Promise<TQueryData | undefined> {
    // The query may have been removed meanwhile.
    this.#updateQuery()
    const promise: Promise<TQueryData | undefined> = this.#currentQuery.fetch(
      this.options,
      fetchOptions as FetchOptions<TQueryFnData>,
    )
    return fetchOptions?.throwOnError ? promise : promise.catch(noop as () => undefined)
  }

  #updateQuery(): void {
    const query = this.#client
      .getQueryCache()
      .build<TQueryFnData, TError, TQueryData, TQueryKey>(this.#client, this.options)
    const prevQuery = this.#currentQuery as typeof query | undefined
    if (query === prevQuery) return
    this.#currentQuery = query
    this.#builder.begin(query)
    if (this.hasListeners()) {
      prevQuery?.removeObserver(this)
      query.addObserver(this)
    }
  }

  #createResult(
    query: Query<TQueryFnData, TError, TQueryData, TQueryKey>,
    options: QueryObserverOptions<TQueryFnData, TError, TData, TQueryData, TQueryKey>,
  ): QueryObserverResult<TData, TError> {
    const flags = this.#flags(query, options)
    let fetches = false
    if (options._optimisticResults) {
      fetches = this.hasListeners()
        ? (query !== this.#currentQuery || !this.#enabled(this.options, query)) &&
          (flags & ObserverFlag.FetchOnChange) !== 0
        : (flags & ObserverFlag.FetchOnMount) !== 0
    }
    return this.#builder.build({
      query,
      currentQuery: this.#currentQuery,
      options,
      current: this.#currentResult as QueryObserverResult<TData, TError> | undefined,
      isStale: (flags & ObserverFlag.Stale) !== 0,
      isEnabled: this.#enabled(options, query),
      optimisticFetch: fetches ? ((flags & ObserverFlag.CanFetch) !== 0 ? 'fetching' : 'paused') : undefined,
    })
  }

  #enabled(
    options: QueryObserverOptions<TQueryFnData, TError, TData, TQueryData, TQueryKey>,
    query: Query<TQueryFnData, TError, TQueryData, TQueryKey> | undefined,
  ): boolean {
    const { enabled } = options
    return (typeof enabled === 'function' && query ? enabled(query) : enabled) !== false
  }

  #flags(
    query: Query<TQueryFnData, TError, TQueryData, TQueryKey>,
    options: QueryObserverOptions<TQueryFnData, TError, TData, TQueryData, TQueryKey>,
  ): number {
    const resolved = resolve(options, query)
    const { engine } = this.#client.getQueryCache()
    return engine.core.observerFlags(
      query.id,
      packObserverBits(resolved),
      resolved.staleTime === 'static' ? 0 : (resolved.staleTime ?? 0),
      Date.now(),
      engine.environment(),
    )
  }

  /** Packs the options; `true` if the engine does not know them like this. */
  #pack(): boolean {
    const resolved = resolve(this.options, this.#currentQuery)
    const interval = (typeof this.options.refetchInterval === 'function'
      ? this.options.refetchInterval(this.#currentQuery)
      : this.options.refetchInterval) || NaN
    const bits = packObserverBits(resolved)
    const staleTime = resolved.staleTime === 'static' ? 0 : (resolved.staleTime ?? 0)
    const changed =
      bits !== this.#bits || staleTime !== this.#staleTime || !Object.is(interval, this.#interval)
    this.#bits = bits
    this.#staleTime = staleTime
    this.#interval = interval
    return changed
  }

  #concernsListeners(prevResult: QueryObserverResult<TData, TError> | undefined): boolean {
    if (!prevResult) return true
    const { notifyOnChangeProps } = this.options
    const wanted = typeof notifyOnChangeProps === 'function' ? notifyOnChangeProps() : notifyOnChangeProps
    if (wanted === 'all' || (!wanted && this.#trackedProps.size === 0)) return true
    const props = new Set<keyof QueryObserverResult>(wanted ?? this.#trackedProps)
    if (this.options.throwOnError) props.add('error')
    for (const prop of props) {
      if (this.#currentResult[prop] !== prevResult[prop]) return true
    }
    return false
  }

  #notify(listeners: boolean): void {
    notifyManager.batch(() => {
      if (listeners) {
        this.listeners.forEach((listener) => {
          listener(this.#currentResult)
        })
      }
      this.#client.getQueryCache().notify({ type: 'observerResultsUpdated', query: this.#currentQuery })
    })
  }
}

/** What a result was made from. */
interface Basis<TQueryFnData, TError, TData, TQueryData, TQueryKey extends QueryKey> {
  query: Query<TQueryFnData, TError, TQueryData, TQueryKey>
  state: QueryState<TQueryData, TError>
  options: QueryObserverOptions<TQueryFnData, TError, TData, TQueryData, TQueryKey>
}

/** How two options of one observer differ. */
enum Difference {
  None,
  /** Only in the query function, or in the array that holds the same key: what renders make anew each time. */
  Functions,
  Other,
}

function differenceOf(before: AnyOptions, after: AnyOptions): Difference {
  if (before === after) return Difference.None
  let difference = Difference.None
  let count = 0
  for (const name in after) {
    count++
    if (before[name as keyof AnyOptions] === after[name as keyof AnyOptions]) continue
    if (name !== 'queryFn' && (name !== 'queryKey' || before.queryHash !== after.queryHash)) return Difference.Other
    // `skipToken` is no function: it disables.
    if (name === 'queryFn' && typeof before.queryFn !== typeof after.queryFn) return Difference.Other
    difference = Difference.Functions
  }
  for (const _ in before) count--
  return count === 0 ? difference : Difference.Other
}

/** Observer options as the user gave them, of whatever type. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the functions take queries of every type
type AnyOptions = QueryObserverOptions<any, any, any, any, any>
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- queries of every type
type AnyQuery = Query<any, any, any, any>

function resolve(options: AnyOptions, query: AnyQuery): ResolvedObserverOptions {
  const ask = <T>(option: T | ((query: AnyQuery) => T)): T =>
    typeof option === 'function' ? (option as (query: AnyQuery) => T)(query) : option
  return {
    enabled: ask(options.enabled),
    staleTime: ask(options.staleTime),
    refetchInterval: undefined,
    refetchOnMount: ask(options.refetchOnMount),
    refetchOnWindowFocus: ask(options.refetchOnWindowFocus),
    refetchOnReconnect: ask(options.refetchOnReconnect),
    retryOnMount: ask(options.retryOnMount),
    refetchIntervalInBackground: options.refetchIntervalInBackground,
    suspense: options.suspense,
  }
}

function isDynamic(options: AnyOptions): boolean {
  return (
    typeof options.enabled === 'function' ||
    typeof options.staleTime === 'function' ||
    typeof options.refetchInterval === 'function' ||
    typeof options.refetchOnMount === 'function' ||
    typeof options.refetchOnWindowFocus === 'function' ||
    typeof options.refetchOnReconnect === 'function' ||
    typeof options.retryOnMount === 'function'
  )
}
