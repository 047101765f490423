import type { LiveInvalidation } from './options'

/** A greeting's data; one that cannot be read says nothing. */
export function readGreeting(data: string): { heartbeat: number; lookedBack: boolean } {
  const greeting = parse(data)
  const { heartbeat_ms: heartbeat, looked_back: lookedBack } = greeting ?? {}
  return { heartbeat: typeof heartbeat === 'number' ? heartbeat : NaN, lookedBack: lookedBack === true }
}

/** An invalidation's data; `undefined` if it cannot be read. */
export function readInvalidation(id: string | undefined, data: string): LiveInvalidation | undefined {
  const { patterns, reason } = parse(data) ?? {}
  if (!Array.isArray(patterns) || !patterns.every((pattern) => typeof pattern === 'string')) return undefined
  return { id, patterns, reason: typeof reason === 'string' ? reason : undefined }
}

function parse(data: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(data)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
