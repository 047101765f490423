import type { Query, QueryCache, QueryObserverOptions } from 'samekey/react'
import { unwatchedSince } from '../../api/unwatched-since'

/** One entry of the browser's cache as the table shows it. Times in milliseconds. */
export interface CacheRow {
  hash: string
  /** The key as Redis would spell it. */
  key: string
  status: string
  fetchStatus: string
  state: 'fresh' | 'stale' | 'empty'
  age: number | null
  freshFor: number | null
  gcIn: number | null
  observers: number
}

/** The rows at `now`, the watched ones first, then by key. */
export function cacheRows(cache: QueryCache, now: number): CacheRow[] {
  return cache
    .getAll()
    .map((query) => row(query, now, unwatchedSince(cache, query.queryHash)))
    .sort((a, b) => Number(b.observers > 0) - Number(a.observers > 0) || a.key.localeCompare(b.key))
}

function row(query: Query, now: number, unwatched: number | undefined): CacheRow {
  const { state } = query
  const empty = state.dataUpdatedAt === 0
  const staleTime = staleTimeOf(query)
  // An entry nobody watches is stale only once invalidated, as TanStack has it; its age says what a mount would find.
  const stale = query.isStale() || query.isStaleByTime(staleTime)
  return {
    hash: query.queryHash,
    key: query.queryKey.map((part) => (typeof part === 'string' ? part : JSON.stringify(part))).join(':'),
    status: state.status,
    fetchStatus: state.fetchStatus,
    state: empty ? 'empty' : stale ? 'stale' : 'fresh',
    age: empty ? null : Math.max(0, now - state.dataUpdatedAt),
    freshFor: empty || stale ? null : staleTime === 'static' ? Infinity : state.dataUpdatedAt + staleTime - now,
    gcIn: unwatched === undefined ? null : Math.max(0, unwatched + query.gcTime - now),
    observers: query.getObserversCount(),
  }
}

/** How long the entry's data counts as fresh, from the options it was last asked for with. */
function staleTimeOf(query: Query): number | 'static' {
  const { staleTime } = query.options as QueryObserverOptions
  const value = typeof staleTime === 'function' ? staleTime(query) : staleTime
  return value ?? 0
}
