'use client'
import { useCallback, useEffect, useState, useSyncExternalStore } from 'react'
import { MutationObserver } from '../core/mutationObserver'
import { notifyManager } from '../core/notifyManager'
import type { QueryClient } from '../core/queryClient'
import { shouldThrowError } from '../core/throwOnError'
import type { DefaultError } from '../core/types'
import { useQueryClient } from './QueryClientProvider'
import type { UseMutateFunction, UseMutationOptions, UseMutationResult } from './types'

const ignore = () => {}

/** Runs a mutation on demand and shows its progress. `queryClient` overrides the provider's. */
export function useMutation<TData = unknown, TError = DefaultError, TVariables = void, TOnMutateResult = unknown>(
  options: UseMutationOptions<TData, TError, TVariables, TOnMutateResult>,
  queryClient?: QueryClient,
): UseMutationResult<TData, TError, TVariables, TOnMutateResult> {
  const client = useQueryClient(queryClient)
  const [observer] = useState(() => new MutationObserver<TData, TError, TVariables, TOnMutateResult>(client, options))

  useEffect(() => {
    observer.setOptions(options)
  }, [observer, options])

  const snapshot = () => observer.getCurrentResult()
  const result = useSyncExternalStore(
    useCallback((onStoreChange) => observer.subscribe(notifyManager.batchCalls(onStoreChange)), [observer]),
    snapshot,
    snapshot,
  )

  const mutate = useCallback<UseMutateFunction<TData, TError, TVariables, TOnMutateResult>>(
    (...[variables, mutateOptions]) => {
      // The outcome is in the result; a rejection nobody waits for must not be reported as unhandled.
      observer.mutate(variables as TVariables, mutateOptions).catch(ignore)
    },
    [observer],
  )

   
  if (result.error && shouldThrowError(observer.options.throwOnError, [result.error])) throw result.error

  return { ...result, mutate, mutateAsync: result.mutate }
}
