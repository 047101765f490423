import type { Engine } from '../border/engine'
import { Ask, QueryFlag } from '../border/wire'
import { packStaleTime } from './packing'
import type { QueryCache } from './queryCache'
import type { QueryObserver } from './queryObserver'
import type { QueryState, StaleTime } from './types'

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

/** The half of a query that is looked at: who watches it, and how it stands, which is the engine's word. */
export abstract class WatchedQuery<TError, TData> {
  /** What is known of it now; replaced, never changed. */
  abstract state: QueryState<TData, TError>
  /** The engine's name for this query; -1 once it was removed and nobody needed it any more. */
  id = -1

  // Private, and not fields that whoever lists or prints a query would walk through.
  readonly #owner: QueryCache
  readonly #engine: Engine
  /** Its observer where there is one alone, as nearly always; else they are all in the set, which is far larger. */
  #observer: AnyObserver | undefined
  #observers: Set<AnyObserver> | undefined
  #observerList: readonly AnyObserver[] | undefined
  /** The last answer of `observerFlags`, and to what. */
  #flags: ObserverFlagsMemo | undefined

  constructor(owner: QueryCache) {
    this.#owner = owner
    this.#engine = owner.engine
  }

  /** The cache that it is in, or was. @internal */
  get owner(): QueryCache {
    return this.#owner
  }

  /** @internal */
  get engine(): Engine {
    return this.#engine
  }

  /** How long this query is kept unwatched, in milliseconds: the longest ever asked for. */
  get gcTime(): number {
    return this.id < 0 ? 0 : this.#engine.ask(Ask.GcTime, this.id)
  }

  /** Who watches this query, in the order in which they came. */
  get observers(): readonly AnyObserver[] {
    return (this.#observerList ??= this.#observer ? [this.#observer] : this.#observers ? [...this.#observers] : NO_OBSERVERS)
  }

  /** How many observers watch it, enabled or not. */
  getObserversCount(): number {
    return this.#observer ? 1 : (this.#observers?.size ?? 0)
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
    this.#tell('observerAdded', observer)
  }

  /** An observer stops watching; after the last one, `gcTime` begins. */
  removeObserver(observer: AnyObserver): void {
    if (this.#observer === observer) this.#observer = undefined
    else if (!this.#observers?.delete(observer)) return
    this.#observerList = undefined
    observer.detach(this.#engine)
    this.#tell('observerRemoved', observer)
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

  /** The query's own options changed, by which observers are answered too. @internal */
  protected forgetFlags(): void {
    this.#flags = undefined
  }

  #has(flag: QueryFlag): boolean {
    return (this.#engine.ask(Ask.QueryFlags, this.id) & flag) !== 0
  }

  #tell(type: 'observerAdded' | 'observerRemoved', observer: AnyObserver): void {
    if (this.#owner.hasListeners()) this.#owner.notify({ type, query: this as never, observer })
  }
}
