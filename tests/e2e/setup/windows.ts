import { NOW } from './instant'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** Buckets of each timeframe: the last one holds the present instant. Written from the contract, not from the server's code. */
const BUCKETS = {
  '1h': { bucket: 300_000, count: 12 },
  '24h': { bucket: HOUR_MS, count: 24 },
  '7d': { bucket: 6 * HOUR_MS, count: 28 },
  '30d': { bucket: DAY_MS, count: 30 },
  '90d': { bucket: DAY_MS, count: 90 },
} as const

export type Timeframe = keyof typeof BUCKETS

/** The half-open window of a timeframe, in milliseconds since the epoch. */
export function windowOf(timeframe: Timeframe): { start: number; end: number } {
  const { bucket, count } = BUCKETS[timeframe]
  const end = Math.floor(Date.parse(NOW) / bucket) * bucket + bucket
  return { start: end - bucket * count, end }
}
