'use client'
import { useCallback, useEffect, useState, useSyncExternalStore } from 'react'
import { notifyManager } from '../core/notifyManager'
import type { QueryClient } from '../core/queryClient'
import type { QueryObserver } from '../core/queryObserver'
import type { QueryKey, QueryObserverResult } from '../core/types'
import { preventErrorBoundaryRetry, throwsToBoundary, useClearReset } from './errorBoundary'
import { useQueryClient } from './QueryClientProvider'
import { useQueryErrorResetBoundary } from './QueryErrorResetBoundary'
import type { UseBaseQueryOptions } from './types'

const unsubscribed = () => {}

/** What `useQuery` and its relatives share: an observer for as long as the component lives. */
export function useBaseQuery<TQueryFnData, TError, TData, TQueryData, TQueryKey extends QueryKey>(
  options: UseBaseQueryOptions<TQueryFnData, TError, TData, TQueryData, TQueryKey>,
  Observer: typeof QueryObserver,
  queryClient?: QueryClient,
): QueryObserverResult<TData, TError> {
  if (process.env.NODE_ENV !== 'production' && (typeof options !== 'object' || Array.isArray(options))) {
    throw new Error(
      'Bad argument type. Only the "Object" form is allowed when calling query related functions: useQuery({ queryKey, queryFn }).',
    )
  }

  const client = useQueryClient(queryClient)
  const boundary = useQueryErrorResetBoundary()
  const subscribed = options.subscribed !== false

  const defaulted = client.defaultQueryOptions(options)
  if (process.env.NODE_ENV !== 'production' && !defaulted.queryFn) {
    console.error(
      `[${defaulted.queryHash}]: No queryFn was passed as an option, and no default queryFn was found. The queryFn parameter is only optional when using a default queryFn.`,
    )
  }
  // The first render already shows the fetch that mounting will begin: without it, every screen would flash "idle".
  defaulted._optimisticResults = subscribed ? 'optimistic' : undefined
  const query = client.getQueryCache().get<TQueryFnData, TError, TQueryData, TQueryKey>(defaulted.queryHash)
  preventErrorBoundaryRetry(defaulted, boundary, query)
  useClearReset(boundary)

  const [observer] = useState(() => new Observer<TQueryFnData, TError, TData, TQueryData, TQueryKey>(client, defaulted))
  // Before useSyncExternalStore, whose snapshot must be what this render shows.
  const result = observer.getOptimisticResult(defaulted)

  const snapshot = () => observer.getCurrentResult()
  useSyncExternalStore(
    useCallback(
      (onStoreChange) => {
        const unsubscribe = subscribed ? observer.subscribe(notifyManager.batchCalls(onStoreChange)) : unsubscribed
        // Something may have happened between the render and the subscription.
        observer.updateResult()
        return unsubscribe
      },
      [observer, subscribed],
    ),
    snapshot,
    snapshot,
  )

  useEffect(() => {
    observer.setOptions(defaulted)
  }, [defaulted, observer])

  if (defaulted.suspense && result.isPending) {
    // React renders again when it ends; an error is thrown by that render.
    throw observer.fetchOptimistic(defaulted).catch(boundary.clearReset)
  }
  if (throwsToBoundary(result, defaulted, boundary, query)) throw result.error

  return defaulted.notifyOnChangeProps ? result : observer.trackResult(result)
}
