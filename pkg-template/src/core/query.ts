import type { Engine, QueryHost } from '../border/engine'
import { Act, ActionCode, CancelCode, QueryFlag } from '../border/wire'
import { CancelledError } from './cancelledError'
import { packQueryOptions, packStaleTime, type PackedQueryOptions } from './packing'
import { QueryFetch } from './queryFetch'
import { actionOf, initialState, nextState } from './queryState'
import { carryReply } from './reply'
import { checked } from './samekeyError'
import { keyText } from './queryHash'
import { replaceData } from './replaceData'
import type { QueryCache } from './queryCache'
import type { QueryClient } from './queryClient'
import type { QueryObserver } from './queryObserver'
import type {
  CancelOptions,
  DefaultError,
  FetchOptions,
  QueryKey,
  QueryMeta,
  QueryOptions,
  QueryState,
  SetDataOptions,
  StaleTime,
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

interface ObserverFlagsMemo {
  state: unknown
  now: number
  bits: number
  staleTime: number
  network: number
  flags: number
}

const NO_OBSERVERS: readonly never[] = []

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a query is watched by observers of every type
type AnyObserver = QueryObserver<any, any, any, any, any>

const noop = (): void => {}

/**
 * One piece of cached data. The engine decides what happens to it; this object holds the payloads, runs the query
 * function and shows the state.
 */
export class Query<
  TQueryFnData = unknown,
  TError = DefaultError,
  TData = TQueryFnData,
  TQueryKey extends QueryKey = QueryKey,
> implements QueryHost {
  /** The key it was made with. */
  queryKey: TQueryKey
  /** The key's identity: two keys with one hash are one query. */
  queryHash: string
  /** The options last given, defaults included. */
  options!: QueryOptions<TQueryFnData, TError, TData, TQueryKey>
  /** What is known of it now; replaced, never changed. */
  state: QueryState<TData, TError>

  readonly #cache: QueryCache
  readonly #client: QueryClient
  readonly #engine: Engine
  readonly #defaultOptions: QueryOptions<TQueryFnData, TError, TData, TQueryKey> | undefined
  /** Its observer where there is one alone, as nearly always; else they are all in the set, which is far larger. */
  #observer: AnyObserver | undefined
  #observers: Set<AnyObserver> | undefined
  #observerList: readonly AnyObserver[] | undefined
  #initialState: QueryState<TData, TError>
  /** What a cancelled fetch returns to. The engine keeps its own; this one has the payloads. */
  #revertState: QueryState<TData, TError> | undefined
  /** The fetch was paused and goes on: all queries hear so before the first attempt begins. */
  #resumed = false
  /** The signal of a fetch that was reverted, to abort when the state is told. */
  #abortNext: AbortController | undefined
  /** The last answer of `observerFlags`, and to what. */
  #flags: ObserverFlagsMemo | undefined
  #packed: PackedQueryOptions
  #givenOptions: QueryOptions<TQueryFnData, TError, TData, TQueryKey> | undefined

  /** The payload of the call into the engine that is being made; `onUpdated` takes it. @internal */
  incoming: unknown
  /** The fetch in progress. @internal */
  ongoing: QueryFetch<TQueryFnData, TError, TData, TQueryKey> | undefined
  /** Whether the cache has let this query go. @internal */
  removed = false

  /** The engine's name for this query; -1 once it was removed and nobody needed it any more. */
  id: number

  /** Whether this query is in that cache, now. @internal */
  isIn(cache: QueryCache): boolean {
    return this.#cache === cache && !this.removed
  }

  constructor(config: QueryConfig<TQueryFnData, TError, TData, TQueryKey>) {
    this.#client = config.client
    this.#cache = config.client.getQueryCache()
    this.#engine = this.#cache.engine
    this.#defaultOptions = config.defaultOptions
    this.queryKey = config.queryKey
    this.queryHash = config.queryHash
    this.options = { ...config.defaultOptions, ...config.options }
    this.#initialState = initialState(this.options)
    this.state = config.state ?? this.#initialState
    const packed = (this.#packed = packQueryOptions(this.options))
    // A hash of the user's own says nothing of the key's elements.
    const isJson = !this.options.queryKeyHashFn && this.queryHash.startsWith('[')
    const text = keyText(this.queryKey, isJson ? this.queryHash : undefined)
    const { data, dataUpdatedAt } = this.#initialState
    this.id = checked(
      this.#engine.core.add(
        this.queryHash,
        text === this.queryHash ? '' : text,
        ...packed,
        data !== undefined,
        dataUpdatedAt,
        Date.now(),
        this.#engine.network(),
      ),
      this.queryKey,
    )
    this.#engine.queries[this.id] = this as unknown as QueryHost
    if (config.state) this.#restore(config.state)
  }

  /** Free data of the user's. */
  get meta(): QueryMeta | undefined {
    return this.options.meta
  }

  /** How long this query is kept unwatched, in milliseconds: the longest ever asked for. */
  get gcTime(): number {
    return this.id < 0 ? 0 : this.#engine.core.gcTime(this.id)
  }

  /** The promise of the fetch in progress. */
  get promise(): Promise<TData> | undefined {
    return this.ongoing?.outcome.promise
  }

  /** Who watches this query, in the order in which they came. */
  get observers(): readonly AnyObserver[] {
    return (this.#observerList ??= this.#observer ? [this.#observer] : this.#observers ? [...this.#observers] : NO_OBSERVERS)
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
    const packed = packQueryOptions(this.options)
    if (packed !== this.#packed && !packed.every((value, index) => Object.is(value, this.#packed[index]))) {
      this.#packed = packed
      this.#flags = undefined
      this.#engine.core.setQueryOptions(this.id, ...packed, Date.now(), this.#engine.network())
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
      this.#engine.core.setData(this.id, true, initial.dataUpdatedAt, Date.now(), this.#engine.network())
      this.#engine.perform()
    }
  }

  /** Writes data and tells everybody; gives what is stored, after structural sharing. */
  setData(newData: TData, options?: SetDataOptions & { manual: boolean }): TData {
    const data = carryReply(newData, replaceData(this.state.data, newData, this.options))
    this.incoming = { data, options }
    const now = Date.now()
    this.#engine.core.setData(this.id, false, options?.updatedAt ?? now, now, this.#engine.network())
    this.#engine.perform()
    this.incoming = undefined
    return data
  }

  /** Writes parts of the state as they are: for those who bring one along (persisters, devtools). */
  setState(state: Partial<QueryState<TData, TError>>): void {
    this.incoming = state
    this.#writeState({ ...this.state, ...state })
    this.#engine.perform()
  }

  /** Cancels the fetch in progress, if there is one. Resolves when it has ended, and never rejects. */
  cancel(options?: CancelOptions): Promise<void> {
    const fetch = this.ongoing
    if (!fetch) return Promise.resolve()
    fetch.cancelled = options ?? {}
    const mode = options?.revert ? CancelCode.Revert : options?.silent ? CancelCode.Silent : CancelCode.Error
    this.#engine.act(Act.Cancel, this.id, mode)
    return fetch.outcome.promise.then(noop, noop)
  }

  /** Stops what this query does. The cache calls it before it lets the query go. */
  destroy(): void {
    void this.cancel({ silent: true })
  }

  /** Back to the initial state; a fetch in progress is cancelled. */
  reset(): void {
    this.incoming = this.#initialState
    this.#engine.act(Act.Reset, this.id)
  }

  /** Whether an enabled observer watches it. */
  isActive(): boolean {
    return this.#has(QueryFlag.Active)
  }

  /** Whether all its observers are disabled; without any, whether it was never fetched or is skipped. */
  isDisabled(): boolean {
    return this.#has(QueryFlag.Disabled)
  }

  /** Whether a fetch has ended, well or not, or data was set. */
  isFetched(): boolean {
    return this.state.dataUpdateCount + this.state.errorUpdateCount > 0
  }

  /** Whether an observer holds it to be `staleTime: 'static'`. */
  isStatic(): boolean {
    return this.#has(QueryFlag.Static)
  }

  /** Whether some observer holds the data to be stale; without any, whether there is none or it was invalidated. */
  isStale(): boolean {
    return this.#has(QueryFlag.Stale)
  }

  /** Whether the data is older than `staleTime` milliseconds, missing or invalidated. */
  isStaleByTime(staleTime: StaleTime = 0): boolean {
    return this.#engine.core.isStaleByTime(this.id, ...packStaleTime(staleTime), false, Date.now())
  }

  /** As `isStaleByTime`, for an imperative fetch; the cache counts it as a hit or a miss. @internal */
  needsFetch(staleTime: StaleTime = 0): boolean {
    return this.#engine.core.isStaleByTime(this.id, ...packStaleTime(staleTime), true, Date.now())
  }

  /** What an observer with these options (see packing.ts) would see and do, as `ObserverFlag`s. @internal */
  observerFlags(bits: number, staleTime: number, now: number): number {
    const memo = (this.#flags ??= { state: undefined, now: 0, bits: 0, staleTime: 0, network: 0, flags: 0 })
    const network = this.#engine.network()
    // After an update, all observers ask at once, and mostly with the same options.
    if (
      memo.state !== this.state ||
      memo.now !== now ||
      memo.bits !== bits ||
      memo.staleTime !== staleTime ||
      memo.network !== network
    ) {
      memo.state = this.state
      memo.now = now
      memo.bits = bits
      memo.staleTime = staleTime
      memo.network = network
      memo.flags = this.#engine.core.observerFlags(this.id, bits, staleTime, now, network)
    }
    return memo.flags
  }

  /** Marks the data stale. It fetches nothing: see `QueryClient.invalidateQueries`. */
  invalidate(): void {
    this.#engine.act(Act.Invalidate, this.id)
  }

  /** The window got the focus: refetches for an observer that wants it, and continues a paused fetch. */
  onFocus(): void {
    this.#cache.syncOptions()
    this.#engine.act(Act.Focus, this.id, 0, this.#engine.environment())
  }

  /** The network is back: the same. */
  onOnline(): void {
    this.#cache.syncOptions()
    this.#engine.act(Act.Online, this.id, 0, this.#engine.environment())
  }

  /** An observer begins to watch; `QueryObserver` calls it. */
  addObserver(observer: AnyObserver): void {
    if (this.#observer === observer || this.#observers?.has(observer)) return
    if (this.getObserversCount() === 0) {
      this.#observer = observer
    } else {
      const observers = (this.#observers ??= new Set())
      if (this.#observer) observers.add(this.#observer)
      this.#observer = undefined
      observers.add(observer)
    }
    this.#observerList = undefined
    observer.attach(this.#engine)
    if (this.#cache.hasListeners()) this.#cache.notify({ type: 'observerAdded', query: this, observer })
  }

  /** An observer stops watching; after the last one, `gcTime` begins. */
  removeObserver(observer: AnyObserver): void {
    if (this.#observer === observer) this.#observer = undefined
    else if (!this.#observers?.delete(observer)) return
    this.#observerList = undefined
    observer.detach(this.#engine)
    if (this.#cache.hasListeners()) this.#cache.notify({ type: 'observerRemoved', query: this, observer })
  }

  /** How many observers watch it, enabled or not. */
  getObserversCount(): number {
    return this.#observer ? 1 : (this.#observers?.size ?? 0)
  }

  /** Fetches, or joins the fetch in progress. Rejects with the error of the last attempt. */
  fetch(
    options?: QueryOptions<TQueryFnData, TError, TData, TQueryKey>,
    fetchOptions?: FetchOptions<TQueryFnData>,
  ): Promise<TData> {
    if (this.id < 0) return this.#successor().fetch(options, fetchOptions)
    const { core } = this.#engine
    const cancelRefetch = fetchOptions?.cancelRefetch ? 1 : 0
    if (core.act(Act.JoinFetch, this.id, cancelRefetch, Date.now(), this.#engine.network()) && this.ongoing) {
      return this.ongoing.outcome.promise
    }
    if (this.ongoing) this.ongoing.cancelled ??= { silent: true }
    this.#engine.perform()
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

  /** For the engine: the state changed. @internal */
  onUpdated(action: ActionCode, words: ArrayLike<number>, at: number): void {
    const { incoming } = this
    const next = nextState(this.state, action, incoming, words, at)
    if (action === ActionCode.ManualSuccess) this.#revertState = next
    if (action === ActionCode.Continue) this.#resumed = true
    this.state = next
    if (this.getObserversCount() > 0) {
      const now = Date.now()
      for (const observer of this.observers) observer.onQueryUpdate(now)
    }
    if (this.#cache.hasListeners()) {
      this.#cache.notify({ type: 'updated', query: this, action: actionOf(action, incoming, next) })
    }
    const abortController = this.#abortNext
    this.#abortNext = undefined
    abortController?.abort()
  }

  /** For the engine: run the query function once. @internal */
  onRun(id: number): void {
    const fetch = this.ongoing
    if (fetch?.id !== id) return
    if (!this.#resumed) {
      fetch.runAttempt()
      return
    }
    this.#resumed = false
    queueMicrotask(() => {
      if (this.ongoing === fetch && !fetch.cancelled) fetch.runAttempt()
    })
  }

  /** For the engine: a fetch was cancelled. @internal */
  onCancelled(id: number, mode: CancelCode): void {
    const fetch = this.ongoing
    if (fetch?.id !== id) return
    const options = fetch.cancelled ?? (mode === CancelCode.Revert ? { revert: true } : { silent: true })
    const error = new CancelledError(options)
    if (mode === CancelCode.Error) {
      // An error like any other: told in its turn, when whoever cancelled has had theirs.
      void Promise.resolve().then(() => fetch.endWith(error as TError))
      fetch.abortController.abort()
      return
    }
    this.ongoing = undefined
    if (mode === CancelCode.Revert) {
      // The state that it reverts to is told first, and the signal aborted then.
      this.incoming = { ...this.#revertState, fetchStatus: 'idle' }
      this.#abortNext = fetch.abortController
    } else {
      // The user's abort listeners may call into the cache before the state that comes with this is told.
      const incoming = this.incoming
      fetch.abortController.abort()
      this.incoming = incoming
    }
    const { outcome } = fetch
    // Settled later: by then the state is reverted, or the fetch that follows has begun.
    void Promise.resolve().then(() => {
      if (options.silent) {
        if (this.ongoing) outcome.resolve(this.ongoing.outcome.promise)
        else outcome.reject(error)
      } else if (this.state.data === undefined) {
        outcome.reject(error)
      } else {
        outcome.resolve(this.state.data)
      }
    })
  }

  /** For the engine: a fetch ends before its next attempt. @internal */
  onGaveUp(id: number): void {
    const fetch = this.ongoing
    if (fetch?.id !== id) return
    const error = this.state.fetchFailureReason as TError
    this.incoming = error
    void Promise.resolve().then(() => fetch.settleError(error))
    this.ongoing = undefined
  }

  /** For the engine: the query has left the cache. @internal */
  onRemoved(): void {
    this.removed = true
    this.#cache.onQueryRemoved(this as unknown as Query)
  }

  /** For the engine: its number may be given to another. @internal */
  onReleased(): void {
    this.id = -1
  }

  #start(fetchOptions: FetchOptions<TQueryFnData> | undefined): Promise<TData> {
    const announce = this.state.fetchMeta !== fetchOptions?.meta ? 1 : 0
    this.#revertState = this.state
    this.incoming = fetchOptions?.meta
    const fetch = (this.ongoing = new QueryFetch(this, this.#client, fetchOptions))
    fetch.id = this.#engine.core.act(Act.StartFetch, this.id, announce, Date.now(), this.#engine.network())
    this.#engine.perform()
    return fetch.outcome.promise
  }

  #has(flag: QueryFlag): boolean {
    return (this.#engine.core.queryFlags(this.id, Date.now(), this.#engine.network()) & flag) !== 0
  }

  #writeState(state: QueryState<TData, TError>): void {
    const codes = { pending: 0, error: 1, success: 2 } as const
    const fetchCodes = { fetching: 0, paused: 1, idle: 2 } as const
    this.#engine.core.setState(
      this.id,
      codes[state.status],
      fetchCodes[state.fetchStatus],
      state.isInvalidated,
      state.data !== undefined,
      state.dataUpdateCount,
      state.dataUpdatedAt,
      state.errorUpdateCount,
      state.errorUpdatedAt,
      state.fetchFailureCount,
      Date.now(),
      this.#engine.network(),
    )
  }

  /** A state from elsewhere (a server, a disk) is the state from the start, and no event. */
  #restore(state: QueryState<TData, TError>): void {
    this.#engine.queries[this.id] = undefined
    this.#writeState(state)
    this.#engine.perform()
    this.#engine.queries[this.id] = this as unknown as QueryHost
  }

  /** The query that stands in the cache for this removed one. */
  #successor(): Query<TQueryFnData, TError, TData, TQueryKey> {
    return this.#cache.build<TQueryFnData, TError, TData, TQueryKey>(this.#client, {
      ...this.options,
      queryKey: this.queryKey,
      queryHash: this.queryHash,
    })
  }
}
