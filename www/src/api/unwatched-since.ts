import type { QueryCache } from 'samekey/react'

const since = new WeakMap<QueryCache, Map<string, number>>()

/**
 * Notes when each entry was last touched without anyone watching it: from there its `gcTime` runs. Called once, when the
 * cache is made, so that the cache page can tell what happened before it was opened.
 */
export function noteUnwatched(cache: QueryCache) {
  const touched = new Map<string, number>()
  since.set(cache, touched)
  cache.subscribe((event) => {
    if (event.type === 'removed') touched.delete(event.query.queryHash)
    else if (event.type === 'added' || event.type === 'updated' || event.type === 'observerRemoved') {
      touched.set(event.query.queryHash, Date.now())
    }
  })
}

/** Since when an entry is unwatched, in milliseconds since the epoch; undefined for one this cache has not seen. */
export const unwatchedSince = (cache: QueryCache, hash: string) => since.get(cache)?.get(hash)
