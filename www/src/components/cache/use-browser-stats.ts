import { useQueryClient } from 'samekey/react'
import { useNow } from '../../state/use-now'

/** The browser tier's counters, under the server's names. */
export interface BrowserStats {
  hits: number
  misses: number
  hit_rate_percent: number
  entries: number
  evicted_keys: number
}

/** Read anew each second while the page that shows them is open. */
export function useBrowserStats(): BrowserStats {
  useNow(1_000)
  const stats = useQueryClient().getStats()
  return stats
}
