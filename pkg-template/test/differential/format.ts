import type { QueryCacheNotifyEvent, QueryObserverResult } from '@tanstack/react-query'

/** When every scenario begins; times in the log are counted from here. */
export const START = 1_700_000_000_000

/** A value as one line of text. Functions are all alike, errors show their class and message, absence is visible. */
export function show(value: unknown): string {
  if (typeof value === 'function') return 'ƒ'
  if (value instanceof Error) return `${value.constructor.name}(${value.message})`
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`
  if (value instanceof Date) return `Date(${value.toISOString()})`
  if (typeof value === 'object' && value !== null) {
    // Neither the order of the members nor an absent one against an undefined one is a difference.
    const members = Object.entries(value).filter(([, item]) => item !== undefined)
    return `{${members
      .map(([key, item]) => `${key}: ${showField(key, item)}`)
      .sort()
      .join(', ')}}`
  }
  return typeof value === 'string' ? `'${value}'` : String(value)
}

const TIMES = new Set(['dataUpdatedAt', 'errorUpdatedAt', 'submittedAt'])

function showField(key: string, value: unknown): string {
  if (TIMES.has(key) && typeof value === 'number' && value >= START) return `+${value - START}`
  return show(value)
}

/** All fields of an observer's result: the flags that are set by name, the rest with their values. */
export function showResult(result: QueryObserverResult<unknown, unknown>): string {
  const entries = Object.entries(result)
  const flags = entries.filter(([, value]) => value === true).map(([key]) => key)
  const values = entries
    .filter(([key, value]) => typeof value !== 'boolean' && key !== 'status' && key !== 'fetchStatus')
    .map(([key, value]) => `${key}=${showField(key, value)}`)
  return `${result.status}/${result.fetchStatus} ${values.sort().join(' ')} flags=${flags.sort().join(',')} fields=${entries.length}`
}

export function showEvent(event: QueryCacheNotifyEvent): string {
  const about = `${event.type} ${event.query.queryHash}`
  return event.type === 'updated' ? `${about} ${show(event.action)}` : about
}
