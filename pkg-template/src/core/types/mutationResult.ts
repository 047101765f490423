import type { MutateFunction, MutationState, MutationStatus } from './mutation'
import type { DefaultError } from './register'

/** The fields every mutation observer result has. */
export interface MutationObserverBaseResult<
  TData = unknown,
  TError = DefaultError,
  TVariables = void,
  TOnMutateResult = unknown,
> extends MutationState<TData, TError, TVariables, TOnMutateResult> {
  data: TData | undefined
  variables: TVariables | undefined
  error: TError | null
  isError: boolean
  isIdle: boolean
  isPending: boolean
  isSuccess: boolean
  status: MutationStatus
  /** Runs the mutation; resolves or rejects with its outcome. */
  mutate: MutateFunction<TData, TError, TVariables, TOnMutateResult>
  /** Forget the last run: back to `idle`. */
  reset: () => void
}

/** Before the first run, or after `reset`. */
export interface MutationObserverIdleResult<
  TData = unknown,
  TError = DefaultError,
  TVariables = void,
  TOnMutateResult = unknown,
> extends MutationObserverBaseResult<TData, TError, TVariables, TOnMutateResult> {
  data: undefined
  variables: undefined
  error: null
  isError: false
  isIdle: true
  isPending: false
  isSuccess: false
  status: 'idle'
}

/** While it runs or is paused. */
export interface MutationObserverLoadingResult<
  TData = unknown,
  TError = DefaultError,
  TVariables = void,
  TOnMutateResult = unknown,
> extends MutationObserverBaseResult<TData, TError, TVariables, TOnMutateResult> {
  data: undefined
  variables: TVariables
  error: null
  isError: false
  isIdle: false
  isPending: true
  isSuccess: false
  status: 'pending'
}

/** After a run that failed for good. */
export interface MutationObserverErrorResult<
  TData = unknown,
  TError = DefaultError,
  TVariables = void,
  TOnMutateResult = unknown,
> extends MutationObserverBaseResult<TData, TError, TVariables, TOnMutateResult> {
  data: undefined
  error: TError
  variables: TVariables
  isError: true
  isIdle: false
  isPending: false
  isSuccess: false
  status: 'error'
}

/** After a run that went well. */
export interface MutationObserverSuccessResult<
  TData = unknown,
  TError = DefaultError,
  TVariables = void,
  TOnMutateResult = unknown,
> extends MutationObserverBaseResult<TData, TError, TVariables, TOnMutateResult> {
  data: TData
  error: null
  variables: TVariables
  isError: false
  isIdle: false
  isPending: false
  isSuccess: true
  status: 'success'
}

/** What a mutation observer shows. Checking `status` narrows `data`, `error` and `variables`. */
export type MutationObserverResult<
  TData = unknown,
  TError = DefaultError,
  TVariables = void,
  TOnMutateResult = unknown,
> =
  | MutationObserverIdleResult<TData, TError, TVariables, TOnMutateResult>
  | MutationObserverLoadingResult<TData, TError, TVariables, TOnMutateResult>
  | MutationObserverErrorResult<TData, TError, TVariables, TOnMutateResult>
  | MutationObserverSuccessResult<TData, TError, TVariables, TOnMutateResult>
