import type { Engine, MutationHost } from '../border/engine'
import { Act, FailureCode, MutationActionCode, MutationUpdatedWord, QueryBits } from '../border/wire'
import { contextOf, failureCallbacks, successCallbacks } from './mutationCallbacks'
import { MutationRun } from './mutationRun'
import { idleState, nextMutationState, STATUS_CODES } from './mutationState'
import { rejected } from './rejected'
import type { MutationCache } from './mutationCache'
import type { MutationObserver } from './mutationObserver'
import { notifyManager } from './notifyManager'
import { packQueryOptions } from './packing'
import type { QueryClient } from './queryClient'
import type {
  DefaultError,
  MutationAction,
  MutationMeta,
  MutationOptions,
  MutationState,
} from './types'

interface MutationConfig<TData, TError, TVariables, TOnMutateResult> {
  client: QueryClient
  mutationId: number
  mutationCache: MutationCache
  options: MutationOptions<TData, TError, TVariables, TOnMutateResult>
  state?: MutationState<TData, TError, TVariables, TOnMutateResult> | undefined
}

/**
 * One mutation: its payloads and its callbacks. When it runs, pauses, tries again and is forgotten is the engine's;
 * this class carries out what the engine says and runs the user's functions between its steps.
 */
export class Mutation<
  TData = unknown,
  TError = DefaultError,
  TVariables = unknown,
  TOnMutateResult = unknown,
> implements MutationHost {
  /** The cache's number for it, from 1 on. */
  readonly mutationId: number
  /** What it was made with, or last given; the client's and the key's defaults are in. */
  options: MutationOptions<TData, TError, TVariables, TOnMutateResult>
  /** What is known of it now; replaced, never changed. */
  state: MutationState<TData, TError, TVariables, TOnMutateResult>

  readonly #client: QueryClient
  readonly #cache: MutationCache
  readonly #engine: Engine
  /** Its number in the engine; `undefined` once the engine has forgotten it. */
  #id: number | undefined
  #forgotten = false
  /** It was paused and goes on: everybody hears so before the attempt begins. */
  #resumed = false
  #observers: Array<MutationObserver<TData, TError, TVariables, TOnMutateResult>> = []
  #run: MutationRun<TData> | undefined
  /** What the engine's next announcement is about: it announces numbers only. */
  #announced: MutationAction<TData, TError, TVariables, TOnMutateResult> | undefined

  constructor(config: MutationConfig<TData, TError, TVariables, TOnMutateResult>) {
    this.#client = config.client
    this.#cache = config.mutationCache
    this.#engine = config.mutationCache.engine
    this.mutationId = config.mutationId
    this.options = config.options
    this.state = config.state ?? idleState()
    this.#id = this.#register(this.state)
  }

  /** Free data of the user's. */
  get meta(): MutationMeta | undefined {
    return this.options.meta
  }

  /** Replaces the options; a run in progress goes on with its own retries. */
  setOptions(options: MutationOptions<TData, TError, TVariables, TOnMutateResult>): void {
    this.options = options
    if (this.#id === undefined) return
    const [bits, ...numbers] = packQueryOptions(options)
    const { core } = this.#engine
    core.setOptions(this.#id, bits | QueryBits.Mutation, ...numbers, Date.now(), this.#engine.environment())
  }

  /** An observer shows this mutation: it is not collected. */
  addObserver(observer: MutationObserver<TData, TError, TVariables, TOnMutateResult>): void {
    if (this.#observers.includes(observer)) return
    this.#observers.push(observer)
    this.#act(Act.ObserveMutation)
    this.#cache.notify({ type: 'observerAdded', mutation: this, observer })
  }

  /** An observer left: without any, the mutation is collected after its `gcTime`. */
  removeObserver(observer: MutationObserver<TData, TError, TVariables, TOnMutateResult>): void {
    const index = this.#observers.indexOf(observer)
    if (index !== -1) {
      this.#observers = this.#observers.filter((other) => other !== observer)
      this.#act(Act.UnobserveMutation)
    }
    this.#cache.notify({ type: 'observerRemoved', mutation: this, observer })
  }

  /** Goes on after a pause, if the engine agrees. Resolves or rejects with the outcome of the attempts. */
  continue(): Promise<unknown> {
    const run = this.#run
    if (run) {
      // Later, as with TanStack: whoever resumes several has asked for all of them before the first goes on.
      queueMicrotask(() => this.#act(Act.ContinueMutation))
      return run.outcome.promise
    }
    // Pending without a run: it was restored, and its variables with it.
    return this.state.status === 'pending' ? this.execute(this.state.variables as TVariables) : Promise.resolve()
  }

  /** Runs the mutation with its callbacks: mutate, then the attempts, then success or error, then settled. */
  async execute(variables: TVariables): Promise<TData> {
    const context = contextOf(this.#client, this.options)
    const { config } = this.#cache
    const cached = this as unknown as Mutation<unknown, unknown, unknown>
    const attempt = (): Promise<TData> => {
      const { mutationFn } = this.options
      return mutationFn ? mutationFn(variables, context) : Promise.reject(new Error('No mutationFn found'))
    }
    const run = (this.#run = new MutationRun(attempt, this.options))

    try {
      const restored = this.state.status === 'pending'
      this.#id ??= this.#register(this.state)
      this.#announced = { type: 'pending', variables, isPaused: false }
      this.#act(Act.BeginMutation)
      if (restored) {
        // Whoever restored it has heard that it goes on: nothing is left to wait for.
        this.#resumed = false
      } else {
        if (config.onMutate) await config.onMutate(variables, cached, context)
        const onMutateResult = await this.options.onMutate?.(variables, context)
        if (onMutateResult !== this.state.context) {
          this.#announced = { type: 'pending', context: onMutateResult as TOnMutateResult, variables, isPaused: false }
          this.#act(Act.MutationContextChanged)
        }
      }

      this.#act(Act.RunMutation)
      const data = await run.outcome.promise

      for (const callback of successCallbacks(this, config, data, variables, context)) await callback()
      this.#announced = { type: 'success', data }
      this.#settle(true)
      return data
    } catch (error) {
      const failed = error as TError & DefaultError
      // A callback that throws must neither keep the others from running nor hide the mutation's own error.
      for (const callback of failureCallbacks(this, config, failed, variables, context)) {
        try {
          await callback()
        } catch (thrown) {
          void rejected(thrown)
        }
      }
      this.#announced = { type: 'error', error: failed }
      this.#settle(false)
      throw error
    } finally {
      // A settled run would otherwise hold its data and variables for as long as the cache keeps the mutation.
      if (this.#run === run) this.#run = undefined
      this.#cache.runNext(this)
    }
  }

  /** The cache has removed it. One that is running goes on for those who hold it. @internal */
  forget(): void {
    if (this.#id === undefined) return
    this.#act(Act.RemoveMutation)
    this.#forgotten = true
    if (!this.#run) this.onForgotten()
  }

  /** Its number in the engine. */
  get id(): number | undefined {
    return this.#id
  }

  /** For the engine: the state changed. @internal */
  onUpdated(code: MutationActionCode, words: Float64Array, at: number): void {
    const failureCount = words[at + MutationUpdatedWord.FailureCount]!
    const isPaused = words[at + MutationUpdatedWord.IsPaused] === 1
    const submittedAt = words[at + MutationUpdatedWord.SubmittedAt]!
    if (code === MutationActionCode.Continue) this.#resumed = true
    const [action, state] = nextMutationState(this.state, code, this.#announced, isPaused, failureCount)
    this.state = { ...state, failureCount, isPaused, submittedAt }
    notifyManager.batch(() => {
      for (const observer of this.#observers) observer.onMutationUpdate(action)
      this.#cache.notify({ type: 'updated', mutation: this, action })
    })
  }

  /** For the engine: run the mutation function once. @internal */
  onRun(): void {
    const run = this.#run
    if (!run) return
    if (this.#resumed) queueMicrotask(() => this.#start(run))
    else this.#start(run)
    this.#resumed = false
  }

  #start(run: MutationRun<TData>): void {
    run.start((error) => this.#failed(error as TError, run))
  }

  /** Not observed for its `gcTime`: the engine has removed it. @internal */
  onRemoved(): void {
    this.#id = undefined
    this.#cache.remove(this)
  }

  /** For the cache: the mutation has left it. @internal */
  onForgotten(): void {
    if (this.#id === undefined) return
    this.#engine.mutations[this.#id] = undefined
    this.#id = undefined
  }

  #register(state: MutationState<TData, TError, TVariables, TOnMutateResult>): number {
    const { core } = this.#engine
    const packed = packQueryOptions(this.options)
    const scope = this.options.scope?.id
    const id = core.addMutation(
      ...packed,
      scope,
      STATUS_CODES[state.status],
      state.isPaused,
      state.failureCount,
      state.submittedAt,
      Date.now(),
      this.#engine.environment(),
    )
    this.#engine.mutations[id] = this
    return id
  }

  /** Takes one step in the engine, and does what it asks for. */
  #act(act: Act, detail = 0): void {
    if (this.#id !== undefined) this.#engine.act(act, this.#id, detail, this.#engine.environment())
  }

  /** An attempt failed; the user's functions answer before the engine decides. */
  #failed(error: TError, run: MutationRun<TData>): FailureCode {
    if (this.#id === undefined) return FailureCode.Ignored
    const { retry, retryDelay } = run.retries
    const { failureCount } = this.state
    const delay = typeof retryDelay === 'function' ? retryDelay(failureCount, error as DefaultError) : 0
    const again = typeof retry === 'function' ? retry(failureCount, error as DefaultError) : false
    this.#announced = { type: 'failed', failureCount: failureCount + 1, error }
    const engine = this.#engine
    const failure = engine.core.mutationFailed(this.#id, again, delay, Date.now(), engine.environment())
    engine.perform()
    return failure
  }

  #settle(success: boolean): void {
    this.#act(Act.SettleMutation, success ? 1 : 0)
    if (this.#forgotten) this.onForgotten()
  }
}
