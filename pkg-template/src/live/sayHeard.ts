import type { QueryCache } from '../core/queryCache'
import type { LiveOptions } from './options'

/**
 * Has the built-in fetch say what a stream has told last, where it asks the server that the stream comes from. Another server
 * could not read it, and from another origin would have to allow it.
 */
export function sayHeard(cache: QueryCache, { url: urls }: LiveOptions, heard: () => string | undefined): void {
  const origins = new Set([urls].flat().map(originOf))
  const others = cache.lastEventId
  cache.lastEventId = (url) => {
    const origin = originOf(url)
    return (origin !== undefined && origins.has(origin) && heard()) || others?.(url)
  }
}

/** `undefined` where there is no page that a path could belong to. */
function originOf(url: string): string | undefined {
  try {
    return new URL(url, globalThis.location?.href).origin
  } catch {
    return undefined
  }
}
