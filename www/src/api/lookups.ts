import type { Query, QueryCache, QueryClient, QueryKey, QueryObserverOptions } from 'samekey/react'
import { familyOf } from './family-of'

/** How often a family's data was there, fresh, when somebody wanted it, and how often not. */
export interface Lookups {
  hits: number
  misses: number
}

const counted = new WeakMap<QueryCache, Map<string, Lookups>>()

/**
 * Counts lookups by family from now on, as the cache counts them for all keys together: when a component begins to watch an
 * entry, and when a page is loaded ahead (`noteLookup`). Called once, when the cache is made.
 */
export function noteLookups(cache: QueryCache) {
  counted.set(cache, new Map())
  cache.subscribe((event) => {
    if (event.type !== 'observerAdded' || event.observer.options.enabled === false) return
    const query = event.query as Query
    count(cache, query.queryKey, isFresh(query))
  })
}

/** Counts a lookup that no component makes. To be called before it. */
export function noteLookup(client: QueryClient, queryKey: QueryKey) {
  const cache = client.getQueryCache()
  const query = cache.find({ queryKey, exact: true })
  count(cache, queryKey, query !== undefined && isFresh(query))
}

/** What has been counted for a family. */
export const lookupsOf = (cache: QueryCache, family: string): Lookups => counted.get(cache)?.get(family) ?? { hits: 0, misses: 0 }

/** How long the entry's data counts as fresh, from the options it was last asked for with. */
export function staleTimeOf(query: Query): number | 'static' {
  const { staleTime } = query.options as QueryObserverOptions
  const value = typeof staleTime === 'function' ? staleTime(query) : staleTime
  return value ?? 0
}

const isFresh = (query: Query) => query.state.dataUpdatedAt > 0 && !query.isStaleByTime(staleTimeOf(query))

function count(cache: QueryCache, queryKey: QueryKey, hit: boolean) {
  const families = counted.get(cache)
  if (!families) return
  const family = familyOf(queryKey)
  const { hits, misses } = families.get(family) ?? { hits: 0, misses: 0 }
  families.set(family, { hits: hits + Number(hit), misses: misses + Number(!hit) })
}
