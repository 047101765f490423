/* eslint-disable @typescript-eslint/no-explicit-any -- a cache holds mutations of every type */
import { Engine } from '../border/engine'
import { Act } from '../border/wire'
import { matchMutation } from './matchMutation'
import type { Mutation } from './mutation'
import { notifyManager } from './notifyManager'
import { SamekeyError } from './samekeyError'
import type { QueryClient } from './queryClient'
import { Subscribable } from './subscribable'
import type {
  DefaultError,
  MutationCacheConfig,
  MutationCacheNotifyEvent,
  MutationFilters,
  MutationOptions,
  MutationState,
} from './types'

type AnyMutation = Mutation<any, any, any, any>

/** All mutations of a client, oldest first. */
export class MutationCache extends Subscribable<(event: MutationCacheNotifyEvent) => void> {
  readonly #mutations = new Set<AnyMutation>()
  #Mutation: typeof Mutation | undefined
  #lastId = 0
  /** @internal */
  readonly engine: Engine

  /** `engine` is shared with the query cache of the same client, so that both have one timer. */
  constructor(
    public config: MutationCacheConfig = {},
    engine: Engine = new Engine(),
  ) {
    super()
    this.engine = engine
  }

  /**
   * Brings the class that `build` makes mutations of. Whoever runs mutations does it, so that an application that runs
   * none does not download what they are made of.
   * @internal
   */
  provide(mutation: typeof Mutation): void {
    this.#Mutation = mutation
  }

  /** Makes a mutation, with the client's defaults, and adds it. Throws before a `MutationObserver` was made. */
  build<TData, TError, TVariables, TOnMutateResult>(
    client: QueryClient,
    options: MutationOptions<TData, TError, TVariables, TOnMutateResult>,
    state?: MutationState<TData, TError, TVariables, TOnMutateResult>,
  ): Mutation<TData, TError, TVariables, TOnMutateResult> {
    if (!this.#Mutation) throw new SamekeyError('E_NO_MUTATIONS')
    const mutation = new this.#Mutation({
      client,
      mutationCache: this,
      mutationId: ++this.#lastId,
      options: client.defaultMutationOptions(options),
      state,
    })
    this.add(mutation)
    return mutation
  }

  /** Takes a mutation in; `build` does so by itself. */
  add(mutation: AnyMutation): void {
    this.#mutations.add(mutation)
    this.notify({ type: 'added', mutation })
  }

  /** Lets a mutation go, whatever it is doing. */
  remove(mutation: AnyMutation): void {
    if (this.#mutations.delete(mutation)) mutation.forget()
    this.notify({ type: 'removed', mutation })
  }

  /** Lets all mutations go. */
  clear(): void {
    notifyManager.batch(() => {
      for (const mutation of this.#mutations) this.remove(mutation)
    })
    this.engine.release()
  }

  /** Every mutation, oldest first. */
  getAll(): AnyMutation[] {
    return [...this.#mutations]
  }

  /** The first mutation the filters choose; the key must be equal unless `exact` is false. */
  find<TData = unknown, TError = DefaultError, TVariables = any, TOnMutateResult = unknown>(
    filters: MutationFilters,
  ): Mutation<TData, TError, TVariables, TOnMutateResult> | undefined {
    const exactly = { exact: true, ...filters }
    for (const mutation of this.#mutations) {
      if (matchMutation(exactly, mutation)) return mutation
    }
    return undefined
  }

  /** The mutations the filters choose, oldest first. */
  findAll(filters: MutationFilters = {}): AnyMutation[] {
    return this.getAll().filter((mutation) => matchMutation(filters, mutation))
  }

  /** Tells the listeners, with the current batch. */
  notify(event: MutationCacheNotifyEvent): void {
    notifyManager.batch(() => {
      this.listeners.forEach((listener) => {
        listener(event)
      })
    })
  }

  /** Lets the next mutation of the same scope run, if there is one. */
  runNext(mutation: AnyMutation): void {
    const { id } = mutation
    if (id !== undefined) queueMicrotask(() => this.#runNext(id))
  }

  #runNext(id: number): void {
    const restored = this.engine.act(Act.RunNextMutation, id, 0, this.engine.environment())
    // A restored mutation has no run to go on with; it is begun. (Any other answer is nobody's number.)
    ;(this.engine.mutations[restored] as AnyMutation | undefined)?.continue().catch(() => {})
  }

  /** Lets paused mutations go on. Resolves when all of them have ended. */
  resumePausedMutations(): Promise<unknown> {
    const paused = this.getAll().filter((mutation) => mutation.state.isPaused)
    return notifyManager.batch(() => Promise.all(paused.map((mutation) => mutation.continue().catch(() => {}))))
  }
}
