import { Act, CancelCode } from '../border/wire'
import { packQueryOptions, packState, type PackedQueryOptions } from './packing'
import { QueryFetch } from './queryFetch'
import { initialState } from './queryState'
import { carryReply } from './reply'
import { checked } from './samekeyError'
import { keyText } from './queryHash'
import { replaceData } from './replaceData'
import { WatchedQuery } from './watchedQuery'
import { noop } from './noop'
import type { QueryCache } from './queryCache'
import type { QueryClient } from './queryClient'
import type {
  CancelOptions,
  DefaultError,
  FetchOptions,
  QueryKey,
  QueryMeta,
  QueryOptions,
  QueryState,
  SetDataOptions,
} from './types'

/** What a query is made from. */
export interface QueryConfig<TQueryFnData, TError, TData, TQueryKey extends QueryKey = QueryKey> {
  client: QueryClient
  queryKey: TQueryKey
  queryHash: string
  options?: QueryOptions<TQueryFnData, TError, TData, TQueryKey>
  defaultOptions?: QueryOptions<TQueryFnData, TError, TData, TQueryKey>
  state?: QueryState<TData, TError>
}

/**
 * One piece of cached data. The engine decides what happens to it; this object holds the payloads, runs the query
 * function and shows the state.
 */
export class Query<
  TQueryFnData = unknown,
  TError = DefaultError,
  TData = TQueryFnData,
  TQueryKey extends QueryKey = QueryKey,
> extends WatchedQuery<TError, TData> {
  /** The key it was made with. */
  queryKey: TQueryKey
  /** The key's identity: two keys with one hash are one query. */
  queryHash: string
  /** The options last given, defaults included. */
  options!: QueryOptions<TQueryFnData, TError, TData, TQueryKey>
  /** What is known of it now; replaced, never changed. */
  state: QueryState<TData, TError>

  readonly #client: QueryClient
  readonly #defaultOptions: QueryOptions<TQueryFnData, TError, TData, TQueryKey> | undefined
  #initialState: QueryState<TData, TError>
  #packed: PackedQueryOptions
  #givenOptions: QueryOptions<TQueryFnData, TError, TData, TQueryKey> | undefined

  /** What a cancelled fetch returns to. The engine keeps its own; this one has the payloads. @internal */
  revertState: QueryState<TData, TError> | undefined
  /** The fetch was paused and goes on: all queries hear so before the first attempt begins. @internal */
  resumed = false
  /** The signal of a fetch that was reverted, to abort when the state is told. @internal */
  abortNext: AbortController | undefined
  /** The payload of the call into the engine that is being made; the state that comes of it has it. @internal */
  incoming: unknown
  /** While what came from elsewhere is written: when it was asked for there. A stream is asked what happened since. @internal */
  declare askedAt?: number | undefined
  /** The fetch in progress. @internal */
  ongoing: QueryFetch<TQueryFnData, TError, TData, TQueryKey> | undefined
  /** Once its data are pages, whoever fetches it fetches pages. @internal */
  fetchPages: QueryOptions['_fetchPages']
  /** Whether the cache has let this query go. @internal */
  removed = false

  /** Whether this query is in that cache, now. @internal */
  isIn(cache: QueryCache): boolean {
    return this.owner === cache && !this.removed
  }

  constructor(config: QueryConfig<TQueryFnData, TError, TData, TQueryKey>) {
    super(config.client.getQueryCache())
    this.#client = config.client
    this.#defaultOptions = config.defaultOptions
    this.queryKey = config.queryKey
    this.queryHash = config.queryHash
    this.options = { ...config.defaultOptions, ...config.options }
    this.fetchPages = this.options._fetchPages
    this.#initialState = initialState(this.options)
    this.state = config.state ?? this.#initialState
    const packed = (this.#packed = packQueryOptions(this.options))
    // A hash of the user's own says nothing of the key's elements.
    const isJson = !this.options.queryKeyHashFn && this.queryHash.startsWith('[')
    const text = keyText(this.queryKey, isJson ? this.queryHash : undefined)
    const { data, dataUpdatedAt } = this.#initialState
    this.id = checked(
      this.engine.core.add(
        // Escaped: what crosses is, and "é" must not be the text "\u00e9".
        isJson ? this.queryHash : JSON.stringify(this.queryHash),
        text === this.queryHash ? '' : text,
        ...packed,
        data !== undefined,
        dataUpdatedAt,
        Date.now(),
        this.engine.network(),
      ),
      this.queryKey,
    )
    this.engine.queries[this.id] = this as unknown as Query
    if (config.state) this.#restore(config.state)
  }

  /** Free data of the user's. */
  get meta(): QueryMeta | undefined {
    return this.options.meta
  }

  /** The promise of the fetch in progress. */
  get promise(): Promise<TData> | undefined {
    return this.ongoing?.outcome.promise
  }

  /** What a reset returns to. */
  get resetState(): QueryState<TData, TError> {
    return this.#initialState
  }

  /** Replaces the options. `initialData` goes in if there is no data yet. */
  setOptions(options?: QueryOptions<TQueryFnData, TError, TData, TQueryKey>): void {
    // Every render of every observer says its options again; mostly they are the object it said before.
    const known = options !== undefined && options === this.#givenOptions
    // But initial data serves again whenever the data is gone, by a revert for instance.
    if (known && (this.state.data !== undefined || options.initialData === undefined)) return
    this.#givenOptions = options
    // The key's defaults are in already where the client's are.
    this.options = options?._defaulted ? options : { ...this.#defaultOptions, ...options }
    this.fetchPages ??= this.options._fetchPages
    const packed = packQueryOptions(this.options)
    if (packed !== this.#packed && !packed.every((value, index) => Object.is(value, this.#packed[index]))) {
      this.#packed = packed
      this.forgetFlags()
      this.engine.core.setOptions(this.id, ...packed, Date.now(), this.engine.network())
    }
    if (this.state.data === undefined && this.options.initialData !== undefined) {
      const initial = initialState(this.options)
      if (initial.data === undefined) return
      this.#initialState = initial
      this.incoming = {
        data: initial.data,
        dataUpdatedAt: initial.dataUpdatedAt,
        error: null,
        isInvalidated: false,
        status: 'success',
      }
      this.engine.core.setData(this.id, true, initial.dataUpdatedAt, Date.now(), this.engine.network())
      this.engine.perform()
    }
  }

  /** Writes data and tells everybody; gives what is stored, after structural sharing. */
  setData(newData: TData, options?: SetDataOptions & { manual: boolean }): TData {
    const data = carryReply(newData, replaceData(this.state.data, newData, this.options))
    this.incoming = { data, options }
    const now = Date.now()
    this.engine.core.setData(this.id, false, options?.updatedAt ?? now, now, this.engine.network())
    this.engine.perform()
    this.incoming = undefined
    return data
  }

  /** Writes parts of the state as they are: for those who bring one along (persisters, devtools). */
  setState(state: Partial<QueryState<TData, TError>>): void {
    this.incoming = state
    this.#writeState({ ...this.state, ...state })
    this.engine.perform()
  }

  /** Cancels the fetch in progress, if there is one. Resolves when it has ended, and never rejects. */
  cancel(options?: CancelOptions): Promise<void> {
    const fetch = this.ongoing
    if (!fetch) return Promise.resolve()
    fetch.cancelled = options ?? {}
    const mode = options?.revert ? CancelCode.Revert : options?.silent ? CancelCode.Silent : CancelCode.Error
    this.engine.act(Act.Cancel, this.id, mode)
    return fetch.outcome.promise.then(noop, noop)
  }

  /** Stops what this query does. The cache calls it before it lets the query go. */
  destroy(): void {
    void this.cancel({ silent: true })
  }

  /** Back to the initial state; a fetch in progress is cancelled. */
  reset(): void {
    this.incoming = this.#initialState
    this.engine.act(Act.Reset, this.id)
  }

  /** Marks the data stale. It fetches nothing: see `QueryClient.invalidateQueries`. */
  invalidate(): void {
    this.engine.act(Act.Invalidate, this.id)
  }

  /** The window got the focus: refetches for an observer that wants it, and continues a paused fetch. */
  onFocus(): void {
    this.owner.syncOptions()
    this.engine.act(Act.Focus, this.id, 0, this.engine.environment())
  }

  /** The network is back: the same. */
  onOnline(): void {
    this.owner.syncOptions()
    this.engine.act(Act.Online, this.id, 0, this.engine.environment())
  }

  /** Fetches, or joins the fetch in progress. Rejects with the error of the last attempt. */
  fetch(
    options?: QueryOptions<TQueryFnData, TError, TData, TQueryKey>,
    fetchOptions?: FetchOptions<TQueryFnData>,
  ): Promise<TData> {
    if (this.id < 0) return this.#successor().fetch(options, fetchOptions)
    const { core } = this.engine
    const cancelRefetch = fetchOptions?.cancelRefetch ? 1 : 0
    if (core.act(Act.JoinFetch, this.id, cancelRefetch, Date.now(), this.engine.network()) && this.ongoing) {
      return this.ongoing.outcome.promise
    }
    if (this.ongoing) this.ongoing.cancelled ??= { silent: true }
    this.engine.perform()
    if (options) this.setOptions(options)
    // A query made by `setQueryData` or hydration has no function of its own; an observer may lend it one.
    if (!this.options.queryFn) {
      const observer = this.observers.find((candidate) => candidate.options.queryFn)
      if (observer) this.setOptions(observer.options)
    }
    if (process.env.NODE_ENV !== 'production' && !Array.isArray(this.options.queryKey)) {
      console.error(
        `As of v4, queryKey needs to be an Array. If you are using a string like 'repoData', please change it to an Array, e.g. ['repoData']`,
      )
    }
    return this.#start(fetchOptions)
  }

  #start(fetchOptions: FetchOptions<TQueryFnData> | undefined): Promise<TData> {
    const announce = this.state.fetchMeta !== fetchOptions?.meta ? 1 : 0
    this.revertState = this.state
    this.incoming = fetchOptions?.meta
    const fetch = (this.ongoing = new QueryFetch(this, this.#client, fetchOptions))
    fetch.id = this.engine.core.act(Act.StartFetch, this.id, announce, Date.now(), this.engine.network())
    this.engine.perform()
    return fetch.outcome.promise
  }

  #writeState(state: QueryState<TData, TError>): void {
    this.engine.core.setState(this.id, ...packState(state), Date.now(), this.engine.network())
  }

  /** A state from elsewhere (a server, a disk) is the state from the start, and no event. */
  #restore(state: QueryState<TData, TError>): void {
    this.engine.queries[this.id] = undefined
    this.#writeState(state)
    this.engine.perform()
    this.engine.queries[this.id] = this as unknown as Query
  }

  /** The query that stands in the cache for this removed one. */
  #successor(): Query<TQueryFnData, TError, TData, TQueryKey> {
    return this.owner.build<TQueryFnData, TError, TData, TQueryKey>(this.#client, {
      ...this.options,
      queryKey: this.queryKey,
      queryHash: this.queryHash,
    })
  }
}
