import { queryOptions } from 'samekey/react'
import { getJson, postJson } from './http'

/** The server tier's counters since it started. */
export interface ServerCacheStats {
  hits: number
  misses: number
  hit_rate_percent: number
  /** Where the values are: `memory` or `redis`. */
  store: string
  keys: number
  /** Bytes. */
  used_memory: number
  evicted_keys: number
  families: FamilyStats[]
}

/** What the server's cache did for one family of keys. */
export interface FamilyStats {
  family: string
  hit_rate_percent: number
  /** Answered by the server's process, by its store, by a value past its time. */
  l1_hits: number
  l2_hits: number
  stale: number
  misses: number
  bypasses: number
  computes: number
  /** How long a compute takes, as a moving average. */
  compute_ms: number
}

/** What an invalidation or an event removed on the server, and by which patterns. */
export interface Invalidated {
  deleted: number
  patterns: string[]
}

/** Exactly one scope: a pattern, or everything of one workspace, agent or user. */
export type InvalidationScope = { pattern: string } | { workspace: string } | { agent: string } | { user: string }

/** An event of the schema with the fields it needs. */
export interface CacheEvent {
  event: string
  [field: string]: unknown
}

export type SimulatedKind = 'run' | 'activity' | 'credits'

/** Live counters: asked for every 2 s while the page that shows them is open and visible. */
export const serverStatsQuery = () =>
  queryOptions({
    queryKey: ['cache', 'stats'],
    queryFn: ({ signal }) => getJson<ServerCacheStats>('/api/v1/cache/stats', signal),
    refetchInterval: 2_000,
  })

/** Removes what the scope names from the server's cache. */
export const invalidateOnServer = (scope: InvalidationScope) => postJson<Invalidated>('/api/v1/cache/invalidate', scope)

/** Posts an event; the server turns it into patterns through the schema. */
export const postEvent = (event: CacheEvent) => postJson<Invalidated>('/api/v1/events', event)

/** Makes one real run, activity or credit transaction in the database, with the event that follows from it. */
export const simulate = (workspaceId: string, kind: SimulatedKind) =>
  postJson<Partial<Invalidated>>('/api/v1/demo/simulate', { workspace_id: workspaceId, kind })
