import { MutationActionCode, StatusCode } from '../border/wire'
import type { MutationAction, MutationState } from './types'

/** A mutation's `status` as the engine reads it. */
export const STATUS_CODES = {
  pending: StatusCode.Pending,
  error: StatusCode.Error,
  success: StatusCode.Success,
  idle: StatusCode.Idle,
} as const

/** The state of a mutation that never ran. */
export function idleState<TData, TError, TVariables, TOnMutateResult>(): MutationState<
  TData,
  TError,
  TVariables,
  TOnMutateResult
> {
  return {
    context: undefined,
    data: undefined,
    error: null,
    failureCount: 0,
    failureReason: null,
    isPaused: false,
    status: 'idle',
    variables: undefined,
    submittedAt: 0,
  }
}

/**
 * The action that the engine announces and the state after it, but for the numbers that the engine keeps. `announced` is
 * what the announcement is about, as far as the engine does not know it.
 */
export function nextMutationState<TData, TError, TVariables, TOnMutateResult>(
  state: MutationState<TData, TError, TVariables, TOnMutateResult>,
  code: MutationActionCode,
  announced: MutationAction<TData, TError, TVariables, TOnMutateResult> | undefined,
  isPaused: boolean,
  failureCount: number,
): [
  MutationAction<TData, TError, TVariables, TOnMutateResult>,
  MutationState<TData, TError, TVariables, TOnMutateResult>,
] {
  type A = MutationAction<TData, TError, TVariables, TOnMutateResult>
  switch (code) {
    case MutationActionCode.Pause:
      return [{ type: 'pause' }, state]
    case MutationActionCode.Continue:
      return [{ type: 'continue' }, state]
    case MutationActionCode.Pending: {
      const action = announced as Extract<A, { type: 'pending' }>
      const { variables, context } = action
      return [
        { ...action, isPaused },
        { ...idleState(), status: 'pending', variables, context },
      ]
    }
    case MutationActionCode.Success: {
      const action = announced as Extract<A, { type: 'success' }>
      return [action, { ...state, data: action.data, error: null, failureReason: null, status: 'success' }]
    }
    case MutationActionCode.Error: {
      const action = announced as Extract<A, { type: 'error' }>
      const { error } = action
      return [action, { ...state, data: undefined, error, failureReason: error, status: 'error' }]
    }
    case MutationActionCode.Failed: {
      const action = announced as Extract<A, { type: 'failed' }>
      return [
        { ...action, failureCount },
        { ...state, failureReason: action.error },
      ]
    }
  }
}
