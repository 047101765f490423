import { isPlainObject } from './plain'

/**
 * The identity of a key: its JSON with the members of every object in sorted order. `undefined` members vanish and
 * `undefined` elements become `null`, as JSON has it. Throws `TypeError` on a BigInt or a cycle.
 */
export function hashKey(key: ReadonlyArray<unknown>): string {
  const canonical = inOrder(key, 0)
  if (canonical !== UNKNOWN) return JSON.stringify(canonical)
  return JSON.stringify(key, (_, value: unknown) => (isPlainObject(value) ? sorted(value) : value))
}

/** A value whose order only JSON's own walk can tell. */
const UNKNOWN = Symbol('unknown')

function sorted(object: Record<string, unknown>): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  for (const name of Object.keys(object).sort()) result[name] = object[name]
  return result
}

/**
 * The value with the members of every object in order, or the value itself where they are already. Ordering first
 * and writing then takes a third of the time of a replacer, which is called for every value.
 */
function inOrder(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value
  // A cycle is JSON.stringify's to report, so it must get there.
  if (depth > 20) return UNKNOWN
  if (Array.isArray(value)) {
    let copy: unknown[] | undefined
    for (let i = 0; i < value.length; i++) {
      const item: unknown = value[i]
      const ordered = inOrder(item, depth + 1)
      if (ordered === UNKNOWN) return UNKNOWN
      if (ordered !== item) (copy ??= value.slice())[i] = ordered
    }
    return copy ?? value
  }
  // Whatever has a `toJSON` shows its JSON only to the replacer.
  if (!isPlainObject(value) || 'toJSON' in value) return UNKNOWN
  const names = Object.keys(value)
  let unchanged = true
  for (let i = 1; i < names.length && unchanged; i++) unchanged = names[i - 1]! < names[i]!
  if (!unchanged) names.sort()
  const copy: Record<string, unknown> = {}
  for (const name of names) {
    const ordered = inOrder(value[name], depth + 1)
    if (ordered === UNKNOWN) return UNKNOWN
    if (ordered !== value[name]) unchanged = false
    copy[name] = ordered
  }
  return unchanged ? value : copy
}
