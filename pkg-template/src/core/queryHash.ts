import { hashKey } from './hashKey'
import { SamekeyError } from './samekeyError'
import { typedKeyFacts } from './typedKey'
import type { QueryKey, QueryOptions } from './types'

/** The hash of a key: remembered for a typed key, computed for another. */
export function hashOf(queryKey: QueryKey): string {
  return typedKeyFacts(queryKey)?.hash ?? hashKey(queryKey)
}

/** The hash of a key under options that may hash in their own way. */
export function hashQueryKeyByOptions(
  queryKey: QueryKey,
  options?: Pick<QueryOptions, 'queryKeyHashFn'>,
): string {
  requireKey(queryKey)
  return options?.queryKeyHashFn ? options.queryKeyHashFn(queryKey) : hashOf(queryKey)
}

/** Refuses what is no key: an option or filter that was forgotten, or a call in the form of version 4. */
export function requireKey(queryKey: unknown): void {
  if (!Array.isArray(queryKey)) throw new SamekeyError('E_KEY_NOT_AN_ARRAY')
}

/** Stands for `undefined` until the text is made; no sane key holds it. */
const UNDEFINED = '\u0000undefined'
const UNDEFINED_JSON = JSON.stringify(UNDEFINED)

/**
 * The key as the engine reads it: its JSON, in which `undefined` (that JSON drops, and matching does not) stands as a
 * bare word. `hash` is its JSON hash if that is known, and the answer wherever a key is flat and holds no `undefined`.
 */
export function keyText(queryKey: QueryKey, hash?: string): string {
  const isFlat = queryKey.every(
    (element) => element === null || ['string', 'number', 'boolean'].includes(typeof element),
  )
  if (isFlat && hash !== undefined) return hash
  // A BigInt is no JSON, but a `queryKeyHashFn` may know it; matching compares its digits.
  const text = JSON.stringify(queryKey, (_, value: unknown) =>
    value === undefined ? UNDEFINED : typeof value === 'bigint' ? `${value}n` : value,
  )
  return text.replaceAll(UNDEFINED_JSON, 'undefined')
}
