import { useQueryClient } from 'samekey/react'
import { useEffect, useState } from 'react'
import { useNow } from '../../state/use-now'
import { cacheRows, type CacheRow } from './cache-rows'

/** The cache as it is: read anew each second, and a frame after anything in it changed. */
export function useCacheRows(): CacheRow[] {
  const cache = useQueryClient().getQueryCache()
  const now = useNow(1_000)
  const [, redraw] = useState(0)

  useEffect(() => {
    let frame = 0
    const unsubscribe = cache.subscribe(() => {
      // A burst of events, such as a page full of queries settling, is one redraw.
      cancelAnimationFrame(frame)
      frame = requestAnimationFrame(() => redraw((n) => n + 1))
    })
    return () => {
      cancelAnimationFrame(frame)
      unsubscribe()
    }
  }, [cache])

  return cacheRows(cache, Math.max(now, Date.now()))
}
