import { useQueryClient, type CacheStats } from 'samekey/react'
import { useNow } from '../../state/use-now'

/** The browser tier's counters, read anew each second while the page that shows them is open. */
export function useBrowserStats(): CacheStats {
  useNow(1_000)
  return useQueryClient().getCacheStats()
}
