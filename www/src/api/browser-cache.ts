import type { QueryClient, QueryKey } from 'samekey/react'

/** What an invalidation touched in this browser. */
export interface Touched {
  /** Entries marked stale. */
  marked: number
  /** Those of them on the screen, which are being fetched again. */
  refetched: number
}

/**
 * Applies the server's patterns to this browser, so that what is on the screen follows what the server has just
 * dropped. The engine matches them exactly as the server did.
 */
export function invalidatePatterns(client: QueryClient, patterns: string[]): Touched {
  const before = marks(client)
  for (const pattern of patterns) void client.invalidateQueries({ pattern })
  return compare(before, marks(client))
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
