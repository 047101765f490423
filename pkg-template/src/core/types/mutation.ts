import type { QueryClient } from '../queryClient'
import type { NetworkMode, RetryDelayValue, RetryValue } from './query'
import type { DefaultError, MutationKey, MutationMeta } from './register'

/** Where a mutation stands; `idle` before its first run. */
export type MutationStatus = 'idle' | 'pending' | 'success' | 'error'

/** Mutations of one scope run one after another, in the order they were made. */
export type MutationScope = { id: string }

/** What a mutation function and the callbacks are given. */
export type MutationFunctionContext = {
  client: QueryClient
  meta: MutationMeta | undefined
  mutationKey?: MutationKey
}

/** Does the work. A rejection is the mutation's error. */
export type MutationFunction<TData = unknown, TVariables = unknown> = (
  variables: TVariables,
  context: MutationFunctionContext,
) => Promise<TData>

/** Options of a mutation. The callbacks are awaited in order: mutate, success or error, settled. */
export interface MutationOptions<TData = unknown, TError = DefaultError, TVariables = void, TOnMutateResult = unknown> {
  mutationFn?: MutationFunction<TData, TVariables>
  mutationKey?: MutationKey
  /** Runs first; what it returns is handed to the other callbacks. */
  onMutate?: (variables: TVariables, context: MutationFunctionContext) => Promise<TOnMutateResult> | TOnMutateResult
  onSuccess?: (
    data: TData,
    variables: TVariables,
    onMutateResult: TOnMutateResult,
    context: MutationFunctionContext,
  ) => unknown
  onError?: (
    error: TError,
    variables: TVariables,
    onMutateResult: TOnMutateResult | undefined,
    context: MutationFunctionContext,
  ) => unknown
  onSettled?: (
    data: TData | undefined,
    error: TError | null,
    variables: TVariables,
    onMutateResult: TOnMutateResult | undefined,
    context: MutationFunctionContext,
  ) => unknown
  /** @default 0 */
  retry?: RetryValue<TError>
  retryDelay?: RetryDelayValue<TError>
  networkMode?: NetworkMode
  gcTime?: number
  /** Set by `defaultMutationOptions`: the defaults are already in. */
  _defaulted?: boolean
  meta?: MutationMeta
  scope?: MutationScope
}

/** Options of an observer of mutations, besides those of the mutation. */
export interface MutationObserverOptions<
  TData = unknown,
  TError = DefaultError,
  TVariables = void,
  TOnMutateResult = unknown,
> extends MutationOptions<TData, TError, TVariables, TOnMutateResult> {
  /** Whether an error is thrown to the error boundary. @default false */
  throwOnError?: boolean | ((error: TError) => boolean)
}

/** Callbacks of one `mutate` call: not awaited, and only for the last call while somebody watches. */
export interface MutateOptions<TData = unknown, TError = DefaultError, TVariables = void, TOnMutateResult = unknown> {
  onSuccess?: (
    data: TData,
    variables: TVariables,
    onMutateResult: TOnMutateResult | undefined,
    context: MutationFunctionContext,
  ) => void
  onError?: (
    error: TError,
    variables: TVariables,
    onMutateResult: TOnMutateResult | undefined,
    context: MutationFunctionContext,
  ) => void
  onSettled?: (
    data: TData | undefined,
    error: TError | null,
    variables: TVariables,
    onMutateResult: TOnMutateResult | undefined,
    context: MutationFunctionContext,
  ) => void
}

/** The arguments of `mutate`; variables that may be `undefined` may be left out. */
export type MutateFunctionRest<
  TData = unknown,
  TError = DefaultError,
  TVariables = void,
  TOnMutateResult = unknown,
> = undefined extends TVariables
  ? [variables?: TVariables, options?: MutateOptions<TData, TError, TVariables, TOnMutateResult>]
  : [variables: TVariables, options?: MutateOptions<TData, TError, TVariables, TOnMutateResult>]

/** Runs the mutation; `variables` may be left out where they may be `undefined`. */
export type MutateFunction<TData = unknown, TError = DefaultError, TVariables = void, TOnMutateResult = unknown> = (
  ...rest: MutateFunctionRest<TData, TError, TVariables, TOnMutateResult>
) => Promise<TData>

/** Everything the cache knows about one mutation. */
export interface MutationState<
  TData = unknown,
  TError = DefaultError,
  TVariables = unknown,
  TOnMutateResult = unknown,
> {
  /** What `onMutate` returned. */
  context: TOnMutateResult | undefined
  data: TData | undefined
  error: TError | null
  failureCount: number
  failureReason: TError | null
  isPaused: boolean
  status: MutationStatus
  variables: TVariables | undefined
  /** When `mutate` was called, in milliseconds since the epoch, 0 for never. */
  submittedAt: number
}

/** What changed a mutation's state; it rides on the cache's `updated` event. */
export type MutationAction<TData, TError, TVariables, TOnMutateResult> =
  | { type: 'pending'; isPaused: boolean; variables?: TVariables; context?: TOnMutateResult }
  | { type: 'success'; data: TData }
  | { type: 'error'; error: TError }
  | { type: 'failed'; failureCount: number; error: TError | null }
  | { type: 'pause' }
  | { type: 'continue' }
