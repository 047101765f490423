import { isPlainObject } from './plain'

/**
 * The identity of a key: its JSON with the members of every object in sorted order. `undefined` members vanish and
 * `undefined` elements become `null`, as JSON has it. Throws `TypeError` on a BigInt or a cycle.
 */
export function hashKey(key: ReadonlyArray<unknown>): string {
  // A replacer costs a call per value, and most keys have nothing to sort.
  if (isCanonical(key, 0)) return JSON.stringify(key)
  return JSON.stringify(key, (_, value: unknown) => (isPlainObject(value) ? sorted(value) : value))
}

function sorted(object: Record<string, unknown>): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  for (const name of Object.keys(object).sort()) result[name] = object[name]
  return result
}

/** Whether plain JSON already has every object's members in sorted order. */
function isCanonical(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  // A cycle is JSON.stringify's to report, so it must get there.
  if (depth > 20) return false
  if (Array.isArray(value)) {
    for (const item of value) {
      if (!isCanonical(item, depth + 1)) return false
    }
    return true
  }
  // Whatever has a `toJSON` shows its JSON only to the replacer.
  if (!isPlainObject(value) || 'toJSON' in value) return false
  let previous = ''
  for (const name of Object.keys(value)) {
    if (name < previous || !isCanonical(value[name], depth + 1)) return false
    previous = name
  }
  return true
}
