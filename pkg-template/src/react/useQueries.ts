'use client'
import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import { notifyManager } from '../core/notifyManager'
import { QueriesObserver, type QueriesObserverOptions } from '../core/queriesObserver'
import type { QueryClient } from '../core/queryClient'
import { QueryObserver } from '../core/queryObserver'
import type { QueryObserverOptions } from '../core/types'
import { preventErrorBoundaryRetry, throwsToBoundary, useClearReset } from './errorBoundary'
import { useQueryClient } from './QueryClientProvider'
import { useQueryErrorResetBoundary } from './QueryErrorResetBoundary'
import type { OptionsOf, QueriesOptions, QueriesResults } from './useQueriesTypes'

const unsubscribed = () => () => {}

/**
 * Watches any number of queries. `combine` makes one value of all results; it runs again when a result changes that
 * it has read, or when it is another function.
 */
export function useQueries<
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- inferred from the literal
  T extends Array<any>,
  TCombinedResult = QueriesResults<T>,
>(
  {
    queries,
    ...options
  }: {
    queries: readonly [...QueriesOptions<T>] | readonly [...{ [K in keyof T]: OptionsOf<T[K]> }]
    combine?: (result: QueriesResults<T>) => TCombinedResult
    subscribed?: boolean
  },
  queryClient?: QueryClient,
): TCombinedResult {
  const client = useQueryClient(queryClient)
  const boundary = useQueryErrorResetBoundary()
  const subscribed = options.subscribed !== false
  const observerOptions = options as QueriesObserverOptions<TCombinedResult>

  const defaulted = useMemo(
    () =>
      (queries as ReadonlyArray<QueryObserverOptions>).map((query) => {
        const each = client.defaultQueryOptions(query)
        each._optimisticResults = subscribed ? 'optimistic' : undefined
        return each
      }),
    [queries, client, subscribed],
  )
  const cache = client.getQueryCache()
  for (const each of defaulted) preventErrorBoundaryRetry(each, boundary, cache.get(each.queryHash))
  useClearReset(boundary)

  const [observer] = useState(() => new QueriesObserver<TCombinedResult>(client, defaulted, observerOptions))
  // Before useSyncExternalStore, whose snapshot must be what this render shows.
  const [results, combine, track] = observer.getOptimisticResult(defaulted, observerOptions.combine)

  const snapshot = () => observer.getCurrentResult()
  useSyncExternalStore(
    useCallback(
      (onStoreChange) => (subscribed ? observer.subscribe(notifyManager.batchCalls(onStoreChange)) : unsubscribed()),
      [observer, subscribed],
    ),
    snapshot,
    snapshot,
  )

  useEffect(() => {
    observer.setQueries(defaulted, observerOptions)
  }, [defaulted, observerOptions, observer])

  const waits = results.flatMap((result, index) => {
    const each = defaulted[index]
    if (!each?.suspense || !result.isPending) return []
    return [new QueryObserver(client, each).fetchOptimistic(each).catch(boundary.clearReset)]
  })
  // All at once, so that none waits for another.
  if (waits.length > 0) throw Promise.all(waits)

  results.forEach((result, index) => {
    const each = defaulted[index]
    if (each && throwsToBoundary(result, each, boundary, cache.get(each.queryHash))) throw result.error
  })

  return combine(track())
}
