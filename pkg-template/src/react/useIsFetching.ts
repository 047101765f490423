'use client'
import { useCallback, useSyncExternalStore } from 'react'
import { notifyManager } from '../core/notifyManager'
import type { QueryClient } from '../core/queryClient'
import type { QueryFilters } from '../core/types'
import { useQueryClient } from './QueryClientProvider'

/** How many of the chosen queries fetch right now. `queryClient` overrides the provider's. */
export function useIsFetching(filters?: QueryFilters, queryClient?: QueryClient): number {
  const client = useQueryClient(queryClient)
  const cache = client.getQueryCache()
  const count = () => client.isFetching(filters)
  return useSyncExternalStore(
    useCallback((onStoreChange) => cache.subscribe(notifyManager.batchCalls(onStoreChange)), [cache]),
    count,
    count,
  )
}
