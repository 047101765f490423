import { SamekeyError } from './samekeyError'

/**
 * A pattern of the schema as the engine reads it: a key whose strings are the pattern's literals, and `null` each `*`.
 *
 * Throws what Rust's `Pattern::parse` does, but for a character that is escaped without need: there that is a second
 * spelling and refused, here it can only find what it means.
 */
export function patternText(pattern: string): string {
  return JSON.stringify(pattern.split(':').map((segment) => (segment === '*' ? null : literalOf(segment))))
}

function literalOf(segment: string): string {
  if (!segment) throw new SamekeyError('E_KEY_EMPTY_IDENTIFIER')
  if (segment.includes('*')) throw new SamekeyError('E_PATTERN_PARTIAL_WILDCARD')
  // eslint-disable-next-line no-control-regex -- the schema reserves them
  if (/[\s\0-\x1f\x7f-\x9f?[\\\]{}]/.test(segment)) throw new SamekeyError('E_KEY_RESERVED_CHARACTER')
  try {
    return decodeURIComponent(segment)
  } catch {
    throw new SamekeyError('E_KEY_BAD_ESCAPE')
  }
}
