import type { DefaultError, WithRequired } from '../core/types'
import type { UseMutationOptions } from './types'

/** Returns its options, with the types of data, error and variables settled. */
export function mutationOptions<TData = unknown, TError = DefaultError, TVariables = void, TOnMutateResult = unknown>(
  options: WithRequired<UseMutationOptions<TData, TError, TVariables, TOnMutateResult>, 'mutationKey'>,
): WithRequired<UseMutationOptions<TData, TError, TVariables, TOnMutateResult>, 'mutationKey'>
export function mutationOptions<TData = unknown, TError = DefaultError, TVariables = void, TOnMutateResult = unknown>(
  options: Omit<UseMutationOptions<TData, TError, TVariables, TOnMutateResult>, 'mutationKey'>,
): Omit<UseMutationOptions<TData, TError, TVariables, TOnMutateResult>, 'mutationKey'>
export function mutationOptions(options: unknown): unknown {
  return options
}
