import { hashKey } from './hashKey'
import { Mutation } from './mutation'
import { contextOf } from './mutationCallbacks'
import { idleState } from './mutationState'
import { notifyManager } from './notifyManager'
import type { QueryClient } from './queryClient'
import { rejected } from './rejected'
import { shallowEqualObjects } from './shallowEqual'
import { Subscribable } from './subscribable'
import type {
  DefaultError,
  MutateFunction,
  MutateOptions,
  MutationAction,
  MutationObserverOptions,
  MutationObserverResult,
} from './types'

type Listener<TData, TError, TVariables, TOnMutateResult> = (
  result: MutationObserverResult<TData, TError, TVariables, TOnMutateResult>,
) => void

/** Runs mutations of one kind and shows the last one. */
export class MutationObserver<
  TData = unknown,
  TError = DefaultError,
  TVariables = void,
  TOnMutateResult = unknown,
> extends Subscribable<Listener<TData, TError, TVariables, TOnMutateResult>> {
  /** The options in force, defaults included. */
  options!: MutationObserverOptions<TData, TError, TVariables, TOnMutateResult>

  readonly #client: QueryClient
  #result!: MutationObserverResult<TData, TError, TVariables, TOnMutateResult>
  #mutation: Mutation<TData, TError, TVariables, TOnMutateResult> | undefined
  #mutateOptions: MutateOptions<TData, TError, TVariables, TOnMutateResult> | undefined

  constructor(client: QueryClient, options: MutationObserverOptions<TData, TError, TVariables, TOnMutateResult>) {
    super()
    this.#client = client
    client.getMutationCache().provide(Mutation)
    // Results hand these out, and users take them off the result.
    this.mutate = this.mutate.bind(this)
    this.reset = this.reset.bind(this)
    this.setOptions(options)
    this.#updateResult()
  }

  /** Replaces the options; a running mutation takes them over. Another key forgets the last mutation. */
  setOptions(options: MutationObserverOptions<TData, TError, TVariables, TOnMutateResult>): void {
    const previous = this.options as typeof this.options | undefined
    this.options = this.#client.defaultMutationOptions(options)
    if (!shallowEqualObjects(this.options, previous)) {
      this.#client
        .getMutationCache()
        .notify({ type: 'observerOptionsUpdated', mutation: this.#mutation, observer: this })
    }
    const [before, after] = [previous?.mutationKey, this.options.mutationKey]
    if (before && after && hashKey(before) !== hashKey(after)) {
      this.reset()
    } else if (this.#mutation?.state.status === 'pending') {
      this.#mutation.setOptions(this.options)
    }
  }

  /** What it shows now. */
  getCurrentResult(): MutationObserverResult<TData, TError, TVariables, TOnMutateResult> {
    return this.#result
  }

  /** Forgets the last mutation, which goes on by itself if it is running. */
  reset(): void {
    this.#mutation?.removeObserver(this)
    this.#mutation = undefined
    this.#updateResult()
    this.#notify()
  }

  /** Runs a new mutation. The callbacks are run for the last call only, and only while somebody listens. */
  mutate(variables: TVariables, options?: MutateOptions<TData, TError, TVariables, TOnMutateResult>): Promise<TData> {
    this.#mutateOptions = options
    this.#mutation?.removeObserver(this)
    this.#mutation = this.#client.getMutationCache().build(this.#client, this.options)
    this.#mutation.addObserver(this)
    return this.#mutation.execute(variables)
  }

  /** Called by the mutation it shows. @internal */
  onMutationUpdate(action: MutationAction<TData, TError, TVariables, TOnMutateResult>): void {
    this.#updateResult()
    this.#notify(action)
  }

  protected override onSubscribe(): void {
    if (this.listeners.size === 1 && this.#mutation) {
      this.#mutation.addObserver(this)
      this.#updateResult()
    }
  }

  protected override onUnsubscribe(): void {
    if (!this.hasListeners()) this.#mutation?.removeObserver(this)
  }

  #updateResult(): void {
    const state = this.#mutation?.state ?? idleState<TData, TError, TVariables, TOnMutateResult>()
    const { status } = state
    this.#result = {
      ...state,
      isPending: status === 'pending',
      isSuccess: status === 'success',
      isError: status === 'error',
      isIdle: status === 'idle',
      // Bound in the constructor.
       
      mutate: this.mutate as MutateFunction<TData, TError, TVariables, TOnMutateResult>,
       
      reset: this.reset,
    } as MutationObserverResult<TData, TError, TVariables, TOnMutateResult>
  }

  #notify(action?: MutationAction<TData, TError, TVariables, TOnMutateResult>): void {
    notifyManager.batch(() => {
      if (this.#mutateOptions && this.hasListeners()) this.#runMutateCallbacks(this.#mutateOptions, action)
      this.listeners.forEach((listener) => {
        listener(this.#result)
      })
    })
  }

  #runMutateCallbacks(
    options: MutateOptions<TData, TError, TVariables, TOnMutateResult>,
    action: MutationAction<TData, TError, TVariables, TOnMutateResult> | undefined,
  ): void {
    const variables = this.#result.variables as TVariables
    const onMutateResult = this.#result.context
    const context = contextOf(this.#client, this.options)
    if (action?.type === 'success') {
      const { data } = action
      reportingErrors(() => options.onSuccess?.(data, variables, onMutateResult, context))
      reportingErrors(() => options.onSettled?.(data, null, variables, onMutateResult, context))
    } else if (action?.type === 'error') {
      const { error } = action
      reportingErrors(() => options.onError?.(error, variables, onMutateResult, context))
      reportingErrors(() => options.onSettled?.(undefined, error, variables, onMutateResult, context))
    }
  }
}

/** An error in a callback is reported as an unhandled rejection; it must not keep listeners from being told. */
function reportingErrors(callback: () => void): void {
  try {
    callback()
  } catch (error) {
    void rejected(error)
  }
}
