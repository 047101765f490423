import { useQueryClient } from 'samekey/react'
import { useEffect, useState } from 'react'
import { cacheRows, type CacheRow } from './cache-rows'

/** The cache as it is: read anew each second, and a frame after anything in it changed. */
export function useCacheRows(): CacheRow[] {
  const cache = useQueryClient().getQueryCache()
  const [rows, setRows] = useState(() => cacheRows(cache, Date.now()))

  useEffect(() => {
    const read = () => setRows(cacheRows(cache, Date.now()))
    const timer = setInterval(read, 1_000)
    let frame = 0
    const unsubscribe = cache.subscribe(() => {
      // A burst of events, such as a page full of queries settling, is one redraw.
      cancelAnimationFrame(frame)
      frame = requestAnimationFrame(read)
    })
    return () => {
      clearInterval(timer)
      cancelAnimationFrame(frame)
      unsubscribe()
    }
  }, [cache])

  return rows
}
