import { environmentManager } from '../core/environmentManager'
import { focusManager } from '../core/focusManager'
import { notifyManager } from '../core/notifyManager'
import { onlineManager } from '../core/onlineManager'
import type { Query } from '../core/query'
import { queryCancelled, queryGaveUp, queryRemoved, queryRun, queryUpdated } from '../core/queryEffects'
import type { Core } from './generated/core.js'
import { newCore, wasm } from './load'
import {
  Act,
  Ask,
  EffectCode,
  EffectWord,
  EnvironmentBits,
  FetchWord,
  MutationUpdatedWord,
  OutboxSize,
  UpdatedWord,
  type MutationActionCode,
} from './wire'

/** What an observer is told. */
export interface ObserverHost {
  /** @internal */
  onFetchDue(): void
  /** @internal */
  onBecameStale(): void
}

/** What a mutation is told. */
export interface MutationHost {
  /** @internal */
  onUpdated(action: MutationActionCode, words: ArrayLike<number>, at: number): void
  /** @internal */
  onRun(): void
  /** @internal */
  onRemoved(): void
}

/**
 * Frees what the wasm has of engines that nobody holds any more: nobody says when a client ends that was made for one
 * request.
 */
const unheld =
  (globalThis as Partial<typeof globalThis>).FinalizationRegistry && new FinalizationRegistry<Core>((core) => core.free())

/** Gives the engine for as long as somebody else holds it; where the host cannot tell, for good. */
const refTo = (engine: Engine): { deref: () => Engine | undefined } =>
  unheld ? new WeakRef(engine) : { deref: () => engine }

/**
 * One engine and what JavaScript keeps for it: the objects behind its ids, and the performing of its effects.
 *
 * Made with a cache, it starts the wasm at the first use of `core`.
 */
export class Engine {
  readonly queries: Array<Query | undefined> = []
  readonly observers: Array<ObserverHost | undefined> = []
  readonly mutations: Array<MutationHost | undefined> = []
  #core: Core | undefined
  #outbox = new Float64Array(0)

  /** The engine itself. Every call that may leave effects is followed by `perform`. @internal */
  get core(): Core {
    return this.#core ?? this.#start()
  }

  /** Whether the wasm was needed yet. @internal */
  get started(): boolean {
    return this.#core !== undefined
  }

  /**
   * Gives the engine's memory back if nothing is left in it, at once; the next use makes another.
   */
  release(): void {
    const isEmpty = (hosts: readonly unknown[]): boolean => hosts.every((host) => host === undefined)
    if (!isEmpty(this.queries) || !isEmpty(this.observers) || !isEmpty(this.mutations)) return
    if (!this.#core) return
    unheld?.unregister(this)
    this.#core.free()
    this.#core = undefined
    this.#outbox = new Float64Array(0)
  }

  #start(): Core {
    // The wasm keeps what it is given here for as long as it has the engine: this must not hold the engine in turn.
    const self = refTo(this)
    const core = (this.#core = newCore(() => self.deref()!.#wake))
    unheld?.register(this, core, this)
    return core
  }

  /** What the managers say now, for the calls that may continue what was paused. */
  environment(): number {
    return this.network() | (focusManager.isFocused() ? EnvironmentBits.Focused : 0)
  }

  /** The same without the focus, which costs a look at the document: for all other calls. @internal */
  network(): number {
    return (
      (onlineManager.isOnline() ? EnvironmentBits.Online : 0) |
      (environmentManager.isServer() ? EnvironmentBits.Server : 0)
    )
  }

  /** Does something to a query, an observer or a mutation (see `Act`), and what follows from it. @internal */
  act(act: Act, id: number, detail = 0, environment = this.network()): number {
    const answer = this.core.act(act, id, detail, Date.now(), environment)
    this.perform()
    return answer
  }

  /** What the engine says of a query, or of the cache (see `Ask`). @internal */
  ask(ask: Ask, id = 0): number {
    return this.core.ask(ask, id, Date.now(), this.network())
  }

  /** Does what the engine left to do, in its order. User code may call back into the engine meanwhile. @internal */
  perform(): void {
    // An empty view is one whose memory has grown.
    if (this.#outbox[0] !== 0) notifyManager.batch(this.#drain)
  }

  readonly #drain = (): void => {
    let failure: { error: unknown } | undefined
    // A listener of the user's that throws must not cost the others their turn, nor a fetch its start.
    const perform = (words: ArrayLike<number>, at: number): void => {
      try {
        this.#performOne(words, at)
      } catch (error) {
        failure ??= { error }
      }
    }
    for (;;) {
      if (this.#outbox.length === 0) {
        this.#outbox = new Float64Array(wasm().buffer, this.ask(Ask.Outbox), OutboxSize.Capacity)
      }
      const words = this.#outbox
      const length = words[0]!
      if (length === 0) break
      words[0] = 0
      if (length === words[1 + EffectWord.Length]) {
        // Alone, as most are: it is read where it stands, before anything can be written over it.
        perform(words, 1)
      } else {
        const copy = words.slice(1, 1 + length)
        // Only a full outbox can have left something behind.
        if (length >= OutboxSize.Capacity - OutboxSize.LongestEffect) this.core.act(Act.Refill, 0, 0, Date.now(), this.network())
        for (let at = 0; at < length; at += copy[at + EffectWord.Length]!) perform(copy, at)
      }
    }
    if (failure) throw failure.error
  }

  /** Handlers take what they need from `words` before they call anybody. */
  #performOne(words: ArrayLike<number>, at: number): void {
    const id = words[at + EffectWord.Id]!
    const query = this.queries[id]
    switch (words[at + EffectWord.Code] as EffectCode) {
      case EffectCode.Updated:
        if (query) queryUpdated(query, words[at + UpdatedWord.Action]!, words, at)
        break
      case EffectCode.Run:
        if (query) queryRun(query, words[at + FetchWord.Fetch]!)
        break
      case EffectCode.Cancelled:
        if (query) queryCancelled(query, words[at + FetchWord.Fetch]!, words[at + FetchWord.Mode]!)
        break
      case EffectCode.GaveUp:
        if (query) queryGaveUp(query, words[at + FetchWord.Fetch]!)
        break
      case EffectCode.FetchDue:
        this.observers[id]?.onFetchDue()
        break
      case EffectCode.BecameStale:
        this.observers[id]?.onBecameStale()
        break
      case EffectCode.Removed:
        if (query) queryRemoved(query)
        break
      case EffectCode.Released:
        // Its number may be given to another.
        if (query) query.id = -1
        this.queries[id] = undefined
        break
      case EffectCode.MutationUpdated:
        this.mutations[id]?.onUpdated(words[at + MutationUpdatedWord.Action]!, words, at)
        break
      case EffectCode.MutationRun:
        this.mutations[id]?.onRun()
        break
      case EffectCode.MutationRemoved:
        this.#removeMutation(id)
        break
    }
  }

  /** The number is free already: what the mutation's listeners do may give it to another. */
  #removeMutation(id: number): void {
    const mutation = this.mutations[id]
    this.mutations[id] = undefined
    mutation?.onRemoved()
  }

  /** Each deadline's effects are performed before the next one is looked at, as with timers of their own. */
  readonly #wake = (): void => {
    const mark = this.core.beginWake()
    let failure: { error: unknown } | undefined
    for (let woken = true; woken; ) {
      woken = this.core.wake(mark, Date.now(), this.environment())
      try {
        this.perform()
      } catch (error) {
        failure ??= { error }
      }
    }
    if (failure) throw failure.error
  }
}
