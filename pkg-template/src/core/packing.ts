import { FilterBits, ObserverBits, QueryBits } from '../border/wire'
import { skipToken } from './skipToken'
import type { FamilyStaleTime } from './familyDefaults'
import type { Query } from './query'
import type {
  FetchStatus,
  NetworkMode,
  QueryFilters,
  QueryObserverOptions,
  QueryState,
  QueryStatus,
  RetryDelayValue,
  RetryValue,
  StaleTime,
} from './types'

/** `status` by its code. */
export function unpackStatus(code: number): QueryStatus | 'idle' {
  return code === 0 ? 'pending' : code === 1 ? 'error' : code === 2 ? 'success' : 'idle'
}

/** `fetchStatus` by its code. */
export function unpackFetchStatus(code: number): FetchStatus {
  return code === 0 ? 'fetching' : code === 1 ? 'paused' : 'idle'
}

/** A query's state as the engine reads it. */
type PackedState = [
  status: number,
  fetchStatus: number,
  isInvalidated: boolean,
  hasData: boolean,
  dataUpdateCount: number,
  dataUpdatedAt: number,
  errorUpdateCount: number,
  errorUpdatedAt: number,
  fetchFailureCount: number,
]

/** A state in numbers, in the order of `Core.setState`. */
export function packState(state: QueryState<unknown, unknown>): PackedState {
  return [
    { pending: 0, error: 1, success: 2 }[state.status],
    { fetching: 0, paused: 1, idle: 2 }[state.fetchStatus],
    state.isInvalidated,
    state.data !== undefined,
    state.dataUpdateCount,
    state.dataUpdatedAt,
    state.errorUpdateCount,
    state.errorUpdatedAt,
    state.fetchFailureCount,
  ]
}

/** Filters in numbers, but for what they say of keys: `FilterBits`. */
export function packFilters({ type, stale, fetchStatus }: QueryFilters): number {
  return (
    (type === 'active' ? FilterBits.Active : type === 'inactive' ? FilterBits.Inactive : 0) |
    (stale === true ? FilterBits.Stale : stale === false ? FilterBits.Fresh : 0) |
    (fetchStatus ? FilterBits.FetchStatus * (1 + ['fetching', 'paused', 'idle'].indexOf(fetchStatus)) : 0)
  )
}

/** Options as the engine reads them: bits, retries, delay, gcTime. */
export type PackedQueryOptions = readonly [bits: number, retries: number, delay: number, gcTime: number]

let lastPacked: PackedQueryOptions = [0, 0, 0, NaN]

/** Options that queries and mutations share. */
interface RetryOptions {
  retry?: RetryValue<never> | undefined
  retryDelay?: RetryDelayValue<never> | undefined
  networkMode?: NetworkMode | undefined
  gcTime?: number | undefined
  queryFn?: unknown
}

/** The options of a query or a mutation in numbers; what the user left out is left to the engine. */
export function packQueryOptions(options: RetryOptions): PackedQueryOptions {
  const { retry, retryDelay, networkMode, gcTime } = options
  let bits = 0
  let retries = 0
  let delay = 0
  if (typeof retry === 'function') bits |= QueryBits.Retry * 3
  else if (retry === true) bits |= QueryBits.Retry * 2
  else if (retry !== undefined && retry !== null) {
    bits |= QueryBits.Retry
    retries = Number(retry)
  }
  if (typeof retryDelay === 'function') bits |= QueryBits.RetryDelay * 3
  else if (retryDelay !== undefined && retryDelay !== null) {
    bits |= QueryBits.RetryDelay
    delay = retryDelay
  }
  if (networkMode === 'always') bits |= QueryBits.NetworkMode
  else if (networkMode === 'offlineFirst') bits |= QueryBits.NetworkMode * 2
  if (options.queryFn === skipToken) bits |= QueryBits.Skip
  const gc = gcTime ?? NaN
  // Nearly all queries of an application have the same: one array serves them all.
  if (bits !== lastPacked[0] || retries !== lastPacked[1] || delay !== lastPacked[2] || !Object.is(gc, lastPacked[3])) {
    lastPacked = [bits, retries, delay, gc]
  }
  return lastPacked
}

/** A stale time in numbers. */
export function packStaleTime(staleTime: StaleTime | undefined): [millis: number, isStatic: boolean] {
  return staleTime === 'static' ? [0, true] : [staleTime ?? 0, false]
}

/** An observer's options as the engine reads them. */
export interface PackedObserverOptions {
  /** `ObserverBits` of everything but the times. */
  readonly bits: number
  /** Milliseconds; 0 where the bits say static. */
  readonly staleTime: number
  /** Milliseconds between polls; NaN for none. */
  readonly interval: number
}

/** The options of an observer that has none yet. */
export const NOTHING_PACKED: PackedObserverOptions = { bits: 0, staleTime: 0, interval: NaN }

export function samePacked(a: PackedObserverOptions, b: PackedObserverOptions): boolean {
  return a.bits === b.bits && a.staleTime === b.staleTime && Object.is(a.interval, b.interval)
}

/** Observer options as the user gave them, of whatever type. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the functions take queries of every type
type AnyOptions = QueryObserverOptions<any, any, any, any, any>
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- queries of every type
type AnyQuery = Query<any, any, any, any>

/** Asks the functions among the options, and packs what they answer. */
export function packObserverOptions(options: AnyOptions, query: AnyQuery): PackedObserverOptions {
  const staleTime = typeof options.staleTime === 'function' ? options.staleTime(query) : options.staleTime
  const { refetchInterval } = options
  const interval = typeof refetchInterval === 'function' ? refetchInterval(query) : refetchInterval
  const { retryOnMount } = options
  const retries = typeof retryOnMount === 'function' ? retryOnMount(query) : retryOnMount
  return {
    bits:
      (isEnabled(options, query) ? ObserverBits.Enabled : 0) |
      (trigger(options.refetchOnMount, query) * ObserverBits.OnMount) |
      (trigger(options.refetchOnWindowFocus, query) * ObserverBits.OnFocus) |
      (trigger(options.refetchOnReconnect, query) * ObserverBits.OnReconnect) |
      (options.refetchIntervalInBackground ? ObserverBits.InBackground : 0) |
      (retries !== false ? ObserverBits.RetryOnMount : 0) |
      (options.suspense ? ObserverBits.Suspense : 0) |
      (staleTime === 'static' ? ObserverBits.Static : 0),
    staleTime: staleTime === 'static' ? 0 : (staleTime ?? 0),
    interval: interval || NaN,
  }
}

/** Whether the user's `enabled` says so now. */
export function isEnabled({ enabled }: AnyOptions, query: AnyQuery): boolean {
  return (typeof enabled === 'function' ? enabled(query) : enabled) !== false
}

/** Whether some option is a function, to be asked again when the query changes. */
export function isDynamic(options: AnyOptions): boolean {
  return typeof options.staleTime === 'function' || isVolatile(options)
}

/** Whether some option is a function whose answer may be another although the query is as it was. */
export function isVolatile(options: AnyOptions): boolean {
  return (
    typeof options.enabled === 'function' ||
    (typeof options.staleTime === 'function' && !(options.staleTime as FamilyStaleTime).ofState) ||
    typeof options.refetchInterval === 'function' ||
    typeof options.refetchOnMount === 'function' ||
    typeof options.refetchOnWindowFocus === 'function' ||
    typeof options.refetchOnReconnect === 'function' ||
    typeof options.retryOnMount === 'function'
  )
}

function trigger(option: AnyOptions['refetchOnMount'], query: AnyQuery): number {
  const value = typeof option === 'function' ? option(query) : option
  return value === false ? 0 : value === 'always' ? 2 : 1
}
