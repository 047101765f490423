import { Engine } from '../border/engine'
import { wasm } from '../border/load'
import { Act, FilterBits, FilterKind } from '../border/wire'
import { cacheStats, type CacheStats } from './cacheStats'
import { environmentManager } from './environmentManager'
import { hashKey } from './hashKey'
import { notifyManager } from './notifyManager'
import { packFilters } from './packing'
import { Query } from './query'
import { hashOf, hashQueryKeyByOptions, keyText, requireKey } from './queryHash'
import { patternText } from './patternText'
import { checked } from './samekeyError'
import { Subscribable } from './subscribable'
import { typedKeyFacts } from './typedKey'
import type { QueryClient } from './queryClient'
import type { QueryObserver } from './queryObserver'
import type {
  DefaultError,
  QueryCacheConfig,
  QueryCacheNotifyEvent,
  QueryFilters,
  QueryKey,
  QueryOptions,
  QueryState,
  WithRequired,
} from './types'

/** The queries of a client, by key. Listeners are told what happens to them. */
export class QueryCache extends Subscribable<(event: QueryCacheNotifyEvent) => void> {
  /** The engine behind this cache; for the package's own classes. @internal */
  readonly engine = new Engine()
  /**
   * The last event that a stream has told of the server at this address, for a request to it: `samekey/live` puts it here.
   * @internal
   */
  declare lastEventId?: (url: string) => string | undefined
  readonly #queries = new Map<string, Query>()
  /** Observers some of whose options are functions: asked again before the engine decides by them. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- observers of every type
  readonly #dynamicObservers = new Set<QueryObserver<any, any, any, any, any>>()
  /** Whether some query is hashed in a way of its own, so that an exact filter has to ask each. */
  #hasOwnHashes = false

  constructor(public config: QueryCacheConfig = {}) {
    super()
  }

  /** The query for these options, made if there is none. */
  build<TQueryFnData = unknown, TError = DefaultError, TData = TQueryFnData, TQueryKey extends QueryKey = QueryKey>(
    client: QueryClient,
    options: WithRequired<QueryOptions<TQueryFnData, TError, TData, TQueryKey>, 'queryKey'>,
    state?: QueryState<TData, TError>,
  ): Query<TQueryFnData, TError, TData, TQueryKey> {
    const { queryKey } = options
    const queryHash = options.queryHash ?? hashQueryKeyByOptions(queryKey, options as QueryOptions)
    const known = this.get<TQueryFnData, TError, TData, TQueryKey>(queryHash)
    if (known) return known
    if (options.queryKeyHashFn) this.#hasOwnHashes = true
    const query = new Query<TQueryFnData, TError, TData, TQueryKey>({
      client,
      queryKey,
      queryHash,
      options: client.defaultQueryOptions(options as never),
      ...(state ? { state } : {}),
      defaultOptions: client.getQueryDefaults(queryKey) as never,
    })
    this.add(query)
    return query
  }

  /** Takes a query in; `build` does so by itself. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- queries of every type
  add(query: Query<any, any, any, any>): void {
    if (this.#queries.has(query.queryHash)) return
    this.#queries.set(query.queryHash, query)
    this.notify({ type: 'added', query })
  }

  /** Lets a query go; its fetch is cancelled, its observers keep what they show. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- queries of every type
  remove(query: Query<any, any, any, any>): void {
    if (this.#queries.get(query.queryHash) !== query) return
    this.engine.act(Act.Remove, query.id)
  }

  /** Lets all queries go. */
  clear(): void {
    notifyManager.batch(() => {
      for (const query of this.getAll()) this.remove(query)
    })
    this.engine.release()
  }

  /** The query with this hash. */
  get<TQueryFnData = unknown, TError = DefaultError, TData = TQueryFnData, TQueryKey extends QueryKey = QueryKey>(
    queryHash: string,
  ): Query<TQueryFnData, TError, TData, TQueryKey> | undefined {
    return this.#queries.get(queryHash) as Query<TQueryFnData, TError, TData, TQueryKey> | undefined
  }

  /** The query under a key that is hashed the default way. @internal */
  getByKey(queryKey: QueryKey): Query | undefined {
    if (process.env.NODE_ENV !== 'production') requireKey(queryKey)
    const facts = typedKeyFacts(queryKey)
    if (!facts) return this.#queries.get(hashKey(queryKey))
    const found = facts.found as Query | undefined
    if (found?.isIn(this)) return found
    const query = this.#queries.get(facts.hash)
    // Keys outlive the clients of a server's requests, and would keep their data.
    if (!environmentManager.isServer()) facts.found = query
    return query
  }

  /** Every query, oldest first. */
  getAll(): Query[] {
    return [...this.#queries.values()]
  }

  /** The first query that the filters want; an exact one unless they say otherwise. */
  find<TQueryFnData = unknown, TError = DefaultError, TData = TQueryFnData>(
    filters: WithRequired<QueryFilters, 'queryKey'>,
  ): Query<TQueryFnData, TError, TData> | undefined {
    return this.findAll({ exact: true, ...filters })[0] as Query<TQueryFnData, TError, TData> | undefined
  }

  /** The queries that the filters want, oldest first. */
  findAll(filters: QueryFilters = {}): Query[] {
    return this.#find(filters, 0)
  }

  /** Of those, the ones that a refetch may touch: neither disabled nor static. @internal */
  findRefetchable(filters: QueryFilters = {}): Query[] {
    return this.#find(filters, FilterBits.Refetchable)
  }

  /** Tells the listeners, with the current batch. */
  notify(event: QueryCacheNotifyEvent): void {
    if (this.listeners.size === 0) return
    notifyManager.batch(() => {
      this.listeners.forEach((listener) => {
        listener(event)
      })
    })
  }

  /** The window got the focus: refetches what wants to be, and continues what is paused. */
  onFocus(): void {
    if (!this.engine.started) return
    this.syncOptions()
    this.engine.act(Act.FocusAll, 0, 0, this.engine.environment())
  }

  /** The network is back: the same. */
  onOnline(): void {
    if (!this.engine.started) return
    this.syncOptions()
    this.engine.act(Act.OnlineAll, 0, 0, this.engine.environment())
  }

  /** What the cache has counted about itself. */
  stats(): CacheStats {
    return cacheStats(this.engine)
  }

  /** Remembers an observer whose options hold functions, or forgets it. @internal */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- observers of every type
  setDynamic(observer: QueryObserver<any, any, any, any, any>, dynamic: boolean): void {
    if (dynamic) this.#dynamicObservers.add(observer)
    else this.#dynamicObservers.delete(observer)
  }

  /** Asks the users' option functions again: the engine is about to decide by what they answer. @internal */
  syncOptions(): void {
    for (const observer of this.#dynamicObservers) {
      try {
        observer.syncOptions()
      } catch (error) {
        // One component's fault must not keep the others from what is about to be decided: it is told as nobody's.
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- whatever the user threw
        void Promise.reject(error)
      }
    }
  }

  /** The engine let a query go. @internal */
  onQueryRemoved(query: Query): void {
    if (this.#queries.get(query.queryHash) === query) this.#queries.delete(query.queryHash)
    this.notify({ type: 'removed', query })
  }

  #find(filters: QueryFilters, extraBits: number): Query[] {
    const { queryKey, pattern, exact, predicate } = filters
    if (process.env.NODE_ENV !== 'production' && Array.isArray(filters)) {
      console.error(
        `Filters are an object: { queryKey: ${JSON.stringify(filters)} }. An array of them holds none, so every query was found, and is invalidated or removed if that was asked for.`,
      )
    }
    if (queryKey) requireKey(queryKey)
    if (this.#queries.size === 0) return []
    this.syncOptions()
    const bits = packFilters(filters) | extraBits
    let found: Query[]
    if (pattern !== undefined) {
      found = this.#ask(FilterKind.Pattern, patternText(pattern), bits)
    } else if (!queryKey) {
      found = bits === 0 ? this.getAll() : this.#ask(FilterKind.Any, '', bits)
    } else if (exact) {
      found = this.#findExact(queryKey, bits)
    } else {
      found = this.#ask(FilterKind.Prefix, keyText(queryKey, hashOf(queryKey)), bits, queryKey)
    }
    return predicate ? found.filter((query) => predicate(query)) : found
  }

  #findExact(queryKey: QueryKey, bits: number): Query[] {
    if (!this.#hasOwnHashes) return this.#ask(FilterKind.Exact, hashOf(queryKey), bits)
    return this.#ask(FilterKind.Any, '', bits).filter(
      (query) => query.queryHash === hashQueryKeyByOptions(queryKey, query.options),
    )
  }

  #ask(kind: FilterKind, text: string, bits: number, queryKey?: QueryKey): Query[] {
    const { core, queries } = this.engine
    const address = checked(core.find(kind, text, bits, Date.now(), this.engine.network()), queryKey)
    const ids = new Uint32Array(wasm().buffer, address)
    const found: Query[] = []
    for (let i = 1, count = ids[0]!; i <= count; i++) {
      const query = queries[ids[i]!]
      if (query) found.push(query as unknown as Query)
    }
    return found
  }
}
