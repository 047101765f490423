import type { Query, QueryCache } from 'samekey/react'
import { familyOf } from '../../api/family-of'
import { staleTimeOf } from '../../api/lookups'
import { unwatchedSince } from '../../api/unwatched-since'

/** One entry of the browser's cache as the table shows it. Times in milliseconds. */
export interface CacheRow {
  hash: string
  /** The key as Redis would spell it. */
  key: string
  /** The schema's family it belongs to; empty for none. */
  family: string
  status: string
  fetchStatus: string
  state: 'fresh' | 'stale' | 'empty'
  age: number | null
  freshFor: number | null
  gcIn: number | null
  observers: number
  /** What its data is as JSON, in bytes. */
  size: number
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
    family: familyOf(query.queryKey),
    status: state.status,
    fetchStatus: state.fetchStatus,
    state: empty ? 'empty' : stale ? 'stale' : 'fresh',
    age: empty ? null : Math.max(0, now - state.dataUpdatedAt),
    freshFor: empty || stale ? null : staleTime === 'static' ? Infinity : state.dataUpdatedAt + staleTime - now,
    gcIn: unwatched === undefined ? null : Math.max(0, unwatched + query.gcTime - now),
    observers: query.getObserversCount(),
    size: sizeOf(state.data),
  }
}

const sizes = new WeakMap<object, number>()
const encoder = new TextEncoder()

/** Measured once for each answer: data is replaced, never changed. */
function sizeOf(data: unknown): number {
  if (typeof data !== 'object' || data === null) return data === undefined ? 0 : JSON.stringify(data).length
  let size = sizes.get(data)
  if (size === undefined) sizes.set(data, (size = encoder.encode(JSON.stringify(data)).length))
  return size
}
