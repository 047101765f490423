/** A segment's name in braces, `=` and its default behind it. */
const NAME = /\{([^}=]+)(?:=[^}]*)?\}/g

/**
 * An endpoint's template with a key's segments in it, percent-encoded. A part in `[…]` is left out if a segment that it
 * names is not there. `undefined` if the segments make no path of their own: `..` would lead to another endpoint.
 */
export function fillEndpoint(template: string, segments: Readonly<Record<string, string>>): string | undefined {
  const present = template.replaceAll(/\[([^\]]*)\]/g, (_, part: string) =>
    [...part.matchAll(NAME)].every(([, name]) => segments[name!] !== undefined) ? part : '',
  )
  const filled = present.replaceAll(NAME, (_, name: string) => encodeURIComponent(segments[name] ?? ''))
  const path = filled.split('?', 1)[0]!
  return path.split('/').some((part) => part === '.' || part === '..') ? undefined : filled
}

/** The address with `skip_cache=true`, which asks the server not to answer from its cache. */
export function skippingCache(address: string): string {
  return `${address}${address.includes('?') ? '&' : '?'}skip_cache=true`
}
