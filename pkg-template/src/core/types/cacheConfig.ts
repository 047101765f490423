import type { Mutation } from '../mutation'
import type { Query } from '../query'
import type { MutationFunctionContext } from './mutation'
import type { DefaultError } from './register'

/** Callbacks for every query of a cache: once per fetch, not once per observer. */
export interface QueryCacheConfig {
  onError?: (error: DefaultError, query: Query<unknown, unknown, unknown>) => void
  onSuccess?: (data: unknown, query: Query<unknown, unknown, unknown>) => void
  onSettled?: (data: unknown, error: DefaultError | null, query: Query<unknown, unknown, unknown>) => void
}

/** Callbacks for every mutation of a cache; awaited, and run before the mutation's own. */
export interface MutationCacheConfig {
  onMutate?: (
    variables: unknown,
    mutation: Mutation<unknown, unknown, unknown>,
    context: MutationFunctionContext,
  ) => unknown
  onSuccess?: (
    data: unknown,
    variables: unknown,
    onMutateResult: unknown,
    mutation: Mutation<unknown, unknown, unknown>,
    context: MutationFunctionContext,
  ) => unknown
  onError?: (
    error: DefaultError,
    variables: unknown,
    onMutateResult: unknown,
    mutation: Mutation<unknown, unknown, unknown>,
    context: MutationFunctionContext,
  ) => unknown
  onSettled?: (
    data: unknown,
    error: DefaultError | null,
    variables: unknown,
    onMutateResult: unknown,
    mutation: Mutation<unknown, unknown, unknown>,
    context: MutationFunctionContext,
  ) => unknown
}
