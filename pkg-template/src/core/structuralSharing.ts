import { isPlainArray, isPlainObject } from './plain'

type Dictionary = Record<string, unknown>

/** Deeper than this the new value is taken as it is: a cycle must not hang the page. */
const MAX_DEPTH = 500

/**
 * Values found equal to a whole new payload. Every array in them was seen to be plain, so the next comparison need
 * not look again; listing an array's keys costs more than comparing its numbers. A polled payload that does not
 * change is the common case, and it is always the same old value.
 */
const provenPlain = new WeakSet<object>()

/**
 * Returns `b` with every part that equals its counterpart in `a` replaced by that counterpart, and `a` itself when
 * nothing differs. Only plain arrays and objects are looked into; anything else is compared with `===`.
 *
 * It compares first and copies from the first difference on, so an unchanged payload allocates nothing.
 */
export function replaceEqualDeep<T>(a: unknown, b: T): T
export function replaceEqualDeep(a: unknown, b: unknown): unknown {
  if (a === b) return a
  if (!isObject(a) || !isObject(b)) return b
  const proven = provenPlain.has(a)
  const result = share(a, b, 0, proven)
  if (result === a && !proven) provenPlain.add(a)
  return result
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** `proven`: the arrays of `a` are known to be plain. */
function share(a: object, b: object, depth: number, proven: boolean): unknown {
  if (depth > MAX_DEPTH) return b
  if (Array.isArray(a)) {
    if (!isPlainArray(b) || !(proven || isPlainArray(a))) return b
    return shareArray(a, b, depth, proven)
  }
  if (!isPlainObject(a) || !isPlainObject(b)) return b
  return shareObject(a, b, depth, proven)
}

function shareItem(aItem: unknown, bItem: unknown, depth: number, proven: boolean): unknown {
  if (aItem === bItem || !isObject(aItem) || !isObject(bItem)) return bItem
  return share(aItem, bItem, depth + 1, proven)
}

function shareArray(a: unknown[], b: unknown[], depth: number, proven: boolean): unknown[] {
  const shared = Math.min(a.length, b.length)
  for (let i = 0; i < shared; i++) {
    const aItem = a[i]
    const value = shareItem(aItem, b[i], depth, proven)
    if (value !== aItem) return copyArray(a, b, i, value, depth, proven)
  }
  if (a.length === b.length) return a
  const copy = a.slice(0, shared)
  for (let i = shared; i < b.length; i++) copy.push(b[i])
  return copy
}

/** The rest of `shareArray`, from the first difference (`value`, at index `at`) on. */
function copyArray(a: unknown[], b: unknown[], at: number, value: unknown, depth: number, proven: boolean): unknown[] {
  const copy = a.slice(0, at)
  copy.push(value)
  for (let i = at + 1; i < b.length; i++) {
    copy.push(i < a.length ? shareItem(a[i], b[i], depth, proven) : b[i])
  }
  return copy
}

function shareObject(a: Dictionary, b: Dictionary, depth: number, proven: boolean): Dictionary {
  let keysOfB = 0
  for (const key in b) {
    const aItem = a[key]
    const value = shareItem(aItem, b[key], depth, proven)
    if (value !== aItem || (aItem === undefined && !Object.hasOwn(a, key))) {
      return copyObject(a, b, key, value, depth, proven)
    }
    keysOfB++
  }
  let keysOfA = 0
  for (const _ in a) keysOfA++
  if (keysOfA === keysOfB) return a
  const copy: Dictionary = {}
  for (const key of Object.keys(b)) copy[key] = a[key]
  return copy
}

/** The rest of `shareObject`, from the first difference (`value`, under `at`) on. */
function copyObject(
  a: Dictionary,
  b: Dictionary,
  at: string,
  value: unknown,
  depth: number,
  proven: boolean,
): Dictionary {
  const copy: Dictionary = {}
  let before = true
  for (const key of Object.keys(b)) {
    if (key === at) {
      copy[key] = value
      before = false
    } else {
      copy[key] = before ? a[key] : shareItem(a[key], b[key], depth, proven)
    }
  }
  return copy
}
