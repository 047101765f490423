import { ObserverBits, QueryBits } from '../border/wire'
import { skipToken } from './skipToken'
import type { FetchStatus, NetworkMode, QueryStatus, RetryDelayValue, RetryValue, StaleTime } from './types'

/** `status` by its code. */
export function unpackStatus(code: number): QueryStatus | 'idle' {
  return code === 0 ? 'pending' : code === 1 ? 'error' : code === 2 ? 'success' : 'idle'
}

/** `fetchStatus` by its code. */
export function unpackFetchStatus(code: number): FetchStatus {
  return code === 0 ? 'fetching' : code === 1 ? 'paused' : 'idle'
}

/** Options as the engine reads them: bits, retries, delay, gcTime. */
export type PackedQueryOptions = [bits: number, retries: number, delay: number, gcTime: number]

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
  return [bits, retries, delay, gcTime ?? NaN]
}

/** A stale time in numbers. */
export function packStaleTime(staleTime: StaleTime | undefined): [millis: number, isStatic: boolean] {
  return staleTime === 'static' ? [0, true] : [staleTime ?? 0, false]
}

/** Observer options after the user's functions were asked. */
export interface ResolvedObserverOptions {
  enabled: boolean | undefined
  staleTime: StaleTime | undefined
  refetchInterval: number | false | undefined
  refetchOnMount: boolean | 'always' | undefined
  refetchOnWindowFocus: boolean | 'always' | undefined
  refetchOnReconnect: boolean | 'always' | undefined
  retryOnMount: boolean | undefined
  refetchIntervalInBackground: boolean | undefined
  suspense: boolean | undefined
}

/** The flags of an observer's options. */
export function packObserverBits(options: ResolvedObserverOptions): number {
  return (
    (options.enabled !== false ? ObserverBits.Enabled : 0) |
    (trigger(options.refetchOnMount) * ObserverBits.OnMount) |
    (trigger(options.refetchOnWindowFocus) * ObserverBits.OnFocus) |
    (trigger(options.refetchOnReconnect) * ObserverBits.OnReconnect) |
    (options.refetchIntervalInBackground ? ObserverBits.InBackground : 0) |
    (options.retryOnMount !== false ? ObserverBits.RetryOnMount : 0) |
    (options.suspense ? ObserverBits.Suspense : 0) |
    (options.staleTime === 'static' ? ObserverBits.Static : 0)
  )
}

function trigger(value: boolean | 'always' | undefined): number {
  return value === false ? 0 : value === 'always' ? 2 : 1
}
