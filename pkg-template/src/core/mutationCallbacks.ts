import type { Mutation } from './mutation'
import type { QueryClient } from './queryClient'
import type { DefaultError, MutationCacheConfig, MutationFunctionContext, MutationOptions } from './types'

/** What a mutation's functions are told of where they run. */
export function contextOf(
  client: QueryClient,
  { meta, mutationKey }: Pick<MutationOptions, 'meta' | 'mutationKey'>,
): MutationFunctionContext {
  return { client, meta, ...(mutationKey ? { mutationKey } : {}) }
}

/** Who hears of a success, the cache before the mutation: to be called in turn, each when the one before has ended. */
export function successCallbacks<TData, TError, TVariables, TOnMutateResult>(
  mutation: Mutation<TData, TError, TVariables, TOnMutateResult>,
  config: MutationCacheConfig,
  data: TData,
  variables: TVariables,
  context: MutationFunctionContext,
): Array<() => unknown> {
  const told = mutation as unknown as Mutation<unknown, unknown, unknown>
  return [
    () => config.onSuccess?.(data, variables, mutation.state.context, told, context),
    () => mutation.options.onSuccess?.(data, variables, mutation.state.context as TOnMutateResult, context),
    () => config.onSettled?.(data, null, mutation.state.variables, mutation.state.context, told, context),
    () => mutation.options.onSettled?.(data, null, variables, mutation.state.context, context),
  ]
}

/** Who hears of a failure, in the same way. */
export function failureCallbacks<TData, TError, TVariables, TOnMutateResult>(
  mutation: Mutation<TData, TError, TVariables, TOnMutateResult>,
  config: MutationCacheConfig,
  error: TError & DefaultError,
  variables: TVariables,
  context: MutationFunctionContext,
): Array<() => unknown> {
  const told = mutation as unknown as Mutation<unknown, unknown, unknown>
  return [
    () => config.onError?.(error, variables, mutation.state.context, told, context),
    () => mutation.options.onError?.(error, variables, mutation.state.context, context),
    () => config.onSettled?.(undefined, error, mutation.state.variables, mutation.state.context, told, context),
    () => mutation.options.onSettled?.(undefined, error, variables, mutation.state.context, context),
  ]
}
