import type { Engine, ObserverHost } from '../border/engine'
import { Act } from '../border/wire'
import { noop } from './noop'
import { NOTHING_PACKED, packObserverOptions, samePacked, type PackedObserverOptions } from './packing'
import { Subscribable } from './subscribable'
import type { Query } from './query'
import type { QueryClient } from './queryClient'
import type { FetchOptions, QueryKey, QueryObserverOptions, QueryObserverResult } from './types'

/** What an observer's listeners are. */
export type QueryObserverListener<TData, TError> = (result: QueryObserverResult<TData, TError>) => void

/** How an observer asks for a fetch. */
export type ObserverFetchOptions = Omit<FetchOptions, 'initialPromise'> & { throwOnError?: boolean | undefined }

/** The engine's name of an observer that it does not know. */
const UNATTACHED = -1

/** The half of an observer that its query and the engine know: what it watches, and what it makes them do. */
export abstract class AttachedObserver<TQueryFnData, TError, TData, TQueryData, TQueryKey extends QueryKey>
  extends Subscribable<QueryObserverListener<TData, TError>>
  implements ObserverHost
{
  /** The query that it watches. @internal */
  currentQuery: Query<TQueryFnData, TError, TQueryData, TQueryKey> = undefined!
  /** The options as the engine reads them. @internal */
  packed: PackedObserverOptions = NOTHING_PACKED
  /** Whether functions among them must be asked again. @internal */
  dynamic = false
  readonly #client: QueryClient
  /** The engine's name for this observer while it is mounted. */
  #id = UNATTACHED

  constructor(
    client: QueryClient,
    /** What it was made with, or last given, defaults included. */
    public options: QueryObserverOptions<TQueryFnData, TError, TData, TQueryData, TQueryKey>,
  ) {
    super()
    this.#client = client
  }

  /** Whether the engine knows it. @internal */
  get isAttached(): boolean {
    return this.#id !== UNATTACHED
  }

  /** Another query is watched from now on. @internal */
  protected abstract begin(query: Query<TQueryFnData, TError, TQueryData, TQueryKey>): void

  /** @internal */
  abstract onBecameStale(): void

  /** For the engine: a poll, the focus or the network asks for a fetch. @internal */
  onFetchDue(): void {
    void this.executeFetch({ cancelRefetch: false })
  }

  /** The query has taken this observer in: the engine watches its deadlines from now on. @internal */
  attach(engine: Engine): void {
    if (this.dynamic) this.packed = packObserverOptions(this.options, this.currentQuery)
    const { bits, staleTime, interval } = this.packed
    const id = engine.core.observe(this.currentQuery.id, bits, staleTime, interval, Date.now(), engine.network())
    if (id < 0) return
    this.#id = id
    engine.observers[id] = this
    if (this.dynamic) this.#tellDynamic(true)
    engine.perform()
  }

  /** The query has let this observer go. @internal */
  detach(engine: Engine): void {
    const id = this.#id
    if (id === UNATTACHED) return
    this.#id = UNATTACHED
    if (this.dynamic) this.#tellDynamic(false)
    engine.observers[id] = undefined
    engine.act(Act.Unobserve, id)
  }

  /** Asks the functions among the options again, and tells the engine what changed. @internal */
  syncOptions(): void {
    const before = this.packed
    const packed = (this.packed = packObserverOptions(this.options, this.currentQuery))
    if (!this.isAttached) return
    this.#tellDynamic(this.dynamic)
    if (samePacked(packed, before)) return
    const { engine } = this.#client.getQueryCache()
    const { bits, staleTime, interval } = packed
    engine.core.setObserverOptions(this.#id, bits, staleTime, interval, Date.now(), engine.network())
    engine.perform()
  }

  /** @internal */
  protected executeFetch(fetchOptions?: ObserverFetchOptions): Promise<TQueryData | undefined> {
    // The query may have been removed meanwhile.
    this.updateQuery()
    const promise: Promise<TQueryData | undefined> = this.currentQuery.fetch(
      this.options,
      fetchOptions as FetchOptions<TQueryFnData>,
    )
    return fetchOptions?.throwOnError ? promise : promise.catch(noop as () => undefined)
  }

  /** Watches the query that the options say. @internal */
  protected updateQuery(): void {
    const query = this.#client
      .getQueryCache()
      .build<TQueryFnData, TError, TQueryData, TQueryKey>(this.#client, this.options)
    const prevQuery = this.currentQuery as typeof query | undefined
    if (query === prevQuery) return
    this.currentQuery = query
    this.begin(query)
    if (this.hasListeners()) {
      prevQuery?.removeObserver(this as never)
      query.addObserver(this as never)
    }
  }

  #tellDynamic(dynamic: boolean): void {
    this.#client.getQueryCache().setDynamic(this as never, dynamic)
  }
}
