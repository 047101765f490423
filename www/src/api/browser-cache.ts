import type { QueryClient, QueryKey } from 'samekey/react'
import { stream } from './live'

/** What an invalidation touched in this browser. */
export interface Touched {
  /** Entries marked stale. */
  marked: number
  /** Those of them on the screen, which are being fetched again. */
  refetched: number
}

/**
 * What the server's patterns mean in this browser, which matches them exactly as the server did. While the stream is open it
 * tells this page the same, so here they are only looked up; else they are applied, so that what is on the screen follows
 * what the server has just dropped.
 */
export function invalidatePatterns(client: QueryClient, patterns: string[]): Touched {
  if (stream.status === 'open') return matching(client, patterns)
  const before = marks(client)
  for (const pattern of patterns) void client.invalidateQueries({ pattern })
  return compare(before, marks(client))
}

function matching(client: QueryClient, patterns: string[]): Touched {
  const found = new Set(patterns.flatMap((pattern) => client.getQueryCache().findAll({ pattern })))
  const refetched = [...found].filter((query) => query.isActive()).length
  return { marked: found.size - refetched, refetched }
}

/** Marks every entry whose key begins so, in this browser alone. */
export function invalidatePrefix(client: QueryClient, queryKey: QueryKey): Touched {
  const before = marks(client)
  void client.invalidateQueries({ queryKey })
  return compare(before, marks(client))
}

interface Mark {
  invalidated: boolean
  fetching: boolean
}

function marks(client: QueryClient): Map<string, Mark> {
  const all = client.getQueryCache().getAll()
  return new Map(all.map((query) => [query.queryHash, { invalidated: query.state.isInvalidated, fetching: query.state.fetchStatus === 'fetching' }]))
}

function compare(before: Map<string, Mark>, after: Map<string, Mark>): Touched {
  const touched = { marked: 0, refetched: 0 }
  for (const [hash, now] of after) {
    const then = before.get(hash)
    if (now.invalidated && then?.invalidated !== true) touched.marked += 1
    if (now.fetching && then?.fetching !== true) touched.refetched += 1
  }
  return touched
}
