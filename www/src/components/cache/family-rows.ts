import { FAMILY_NAMES, NO_FAMILY } from '../../api/family-of'
import type { Lookups } from '../../api/lookups'
import type { FamilyStats } from '../../api/server-cache'
import type { CacheRow } from './cache-rows'

/** What this browser holds of one family, and how often that was enough. */
export interface InBrowser extends Lookups {
  entries: number
  /** Components that watch them. */
  watching: number
  fresh: number
  stale: number
  /** Bytes of their data as JSON. */
  size: number
}

/** One family on both tiers. */
export interface FamilyRow {
  /** As the server writes it; empty for what belongs to no family. */
  family: string
  browser: InBrowser
  /** Undefined until the server was asked for it. */
  server: FamilyStats | undefined
}

/** The families that either tier has been asked for, in the schema's order; what belongs to none comes last. */
export function familyRows(entries: readonly CacheRow[], lookupsOf: (family: string) => Lookups, server: readonly FamilyStats[]): FamilyRow[] {
  return [...FAMILY_NAMES, NO_FAMILY]
    .map((family) => ({
      family,
      browser: { ...lookupsOf(family), ...held(entries.filter((entry) => entry.family === family)) },
      server: server.find((of) => of.family === family && isUsed(of)),
    }))
    .filter(({ browser, server }) => server !== undefined || browser.entries + browser.hits + browser.misses > 0)
}

function held(entries: readonly CacheRow[]) {
  return {
    entries: entries.length,
    watching: sum(entries, (entry) => entry.observers),
    fresh: sum(entries, (entry) => Number(entry.state === 'fresh')),
    stale: sum(entries, (entry) => Number(entry.state === 'stale')),
    size: sum(entries, (entry) => entry.size),
  }
}

/** Of 100 lookups, those that were answered; undefined when there was none. */
export const hitRate = ({ hits, misses }: Lookups) => (hits + misses > 0 ? (100 * hits) / (hits + misses) : undefined)

const sum = <T>(of: readonly T[], value: (one: T) => number) => of.reduce((total, one) => total + value(one), 0)
const isUsed = (of: FamilyStats) => of.l1_hits + of.l2_hits + of.stale + of.misses + of.bypasses + of.computes > 0
