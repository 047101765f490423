'use client'
import { useCallback, useEffect, useRef, useSyncExternalStore } from 'react'
import type { Mutation } from '../core/mutation'
import type { MutationCache } from '../core/mutationCache'
import { notifyManager } from '../core/notifyManager'
import type { QueryClient } from '../core/queryClient'
import { replaceEqualDeep } from '../core/structuralSharing'
import type { MutationFilters, MutationState } from '../core/types'
import { useQueryClient } from './QueryClientProvider'

/** How many of the chosen mutations are pending. `queryClient` overrides the provider's. */
export function useIsMutating(filters?: MutationFilters, queryClient?: QueryClient): number {
  const client = useQueryClient(queryClient)
  return useMutationState({ filters: { ...filters, status: 'pending' } }, client).length
}

type MutationTypeFromResult<TResult> = [TResult] extends [
  MutationState<infer TData, infer TError, infer TVariables, infer TOnMutateResult>,
]
  ? Mutation<TData, TError, TVariables, TOnMutateResult>
  : Mutation

type MutationStateOptions<
  TResult = MutationState,
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- mutations of every type
  TMutation extends Mutation<any, any, any, any> = MutationTypeFromResult<TResult>,
> = {
  filters?: MutationFilters
  select?: (mutation: TMutation) => TResult
}

function read<TResult, TMutation>(
  cache: MutationCache,
  options: { filters?: MutationFilters; select?: (mutation: TMutation) => TResult },
): TResult[] {
  const { filters, select } = options
  return cache
    .findAll(filters)
    .map((mutation) => (select ? select(mutation as unknown as TMutation) : (mutation.state as unknown as TResult)))
}

/** The states of the chosen mutations, or what `select` makes of them. `queryClient` overrides the provider's. */
export function useMutationState<
  TResult = MutationState,
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- mutations of every type
  TMutation extends Mutation<any, any, any, any> = MutationTypeFromResult<TResult>,
>(options: MutationStateOptions<TResult, TMutation> = {}, queryClient?: QueryClient): TResult[] {
  const cache = useQueryClient(queryClient).getMutationCache()
  const latest = useRef(options)
  const result = useRef<TResult[]>(null)
  result.current ??= read(cache, options)

  useEffect(() => {
    latest.current = options
  })

  const snapshot = () => result.current as TResult[]
  return useSyncExternalStore(
    useCallback(
      (onStoreChange) =>
        cache.subscribe(() => {
          const next = replaceEqualDeep(result.current, read(cache, latest.current))
          if (next !== result.current) {
            result.current = next
            notifyManager.schedule(onStoreChange)
          }
        }),
      [cache],
    ),
    snapshot,
    snapshot,
  )
}
