import type { Query, QueryCache } from 'samekey/react'

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
    .map((query) => row(query, now))
    .sort((a, b) => Number(b.observers > 0) - Number(a.observers > 0) || a.key.localeCompare(b.key))
}

function row(query: Query, now: number): CacheRow {
  const { state } = query
  const stale = query.isStale()
  return {
    hash: query.queryHash,
    key: query.queryKey.map((part) => (typeof part === 'string' ? part : JSON.stringify(part))).join(':'),
    status: state.status,
    fetchStatus: state.fetchStatus,
    state: state.dataUpdatedAt === 0 ? 'empty' : stale ? 'stale' : 'fresh',
    age: state.dataUpdatedAt === 0 ? null : now - state.dataUpdatedAt,
    freshFor: null,
    gcIn: null,
    observers: query.getObserversCount(),
  }
}
