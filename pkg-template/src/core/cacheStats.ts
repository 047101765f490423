import type { Engine } from '../border/engine'
import { Ask } from '../border/wire'

/** What the cache has counted about itself, with the server's names. */
export interface CacheStats {
  /** Times that fresh data was there when an observer mounted or a fetch was asked for. */
  hits: number
  /** Times that it was not. */
  misses: number
  /** Hits as a share of both, 0 to 100; 0 before the first. */
  hit_rate_percent: number
  /** Fetches started. */
  fetches: number
  /** Queries collected after their `gcTime`. */
  evicted_keys: number
  /** Queries in the cache. */
  keys: number
  /** Observers of them. */
  observers: number
}

/** What an engine has counted; nothing while it was not needed. */
export function cacheStats(engine: Engine): CacheStats {
  const stat = (which: Ask) => (engine.started ? engine.ask(which) : 0)
  return {
    hits: stat(Ask.Hits),
    misses: stat(Ask.Misses),
    hit_rate_percent: stat(Ask.HitRatePercent),
    fetches: stat(Ask.Fetches),
    evicted_keys: stat(Ask.EvictedKeys),
    keys: stat(Ask.Keys),
    observers: stat(Ask.Observers),
  }
}
