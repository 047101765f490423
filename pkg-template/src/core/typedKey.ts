import { hashKey } from './hashKey'
import type { UnsetMarker, dataTagErrorSymbol, dataTagSymbol } from './types'

/** A key of a schema's family: a readonly tuple of its segments that knows the type of its data. */
export interface TypedQueryKey<TData = unknown> extends ReadonlyArray<string> {
  [dataTagSymbol]: TData
  [dataTagErrorSymbol]: UnsetMarker
}

/** What the schema says of a family. */
export interface FamilyOptions {
  /** Milliseconds that the data is fresh. */
  ttl: number
  /** A segment whose value decides instead, and the milliseconds for each of its values. */
  ttlBy?: { segment: string; values: Readonly<Record<string, number>> }
  /** Where the built-in fetch gets the data: a path with the segments in braces, `[…]` around optional parts. */
  endpoint?: string
  /** Never written to disk in the browser. */
  sensitive?: boolean
  /** Milliseconds between polls. */
  refetchInterval?: number
}

/** What is remembered of a typed key, so that nothing of it is computed twice. */
export interface TypedKeyFacts {
  readonly hash: string
  readonly family: Family
  /** The values of the segments, by name; a default where none was given. */
  readonly segments: Readonly<Record<string, string>>
  /** Milliseconds that its data is fresh. */
  readonly ttl: number
}

/** A family of keys. */
export interface Family extends FamilyOptions {
  readonly template: string
}

/** A family's key function. An interface, so that the published types can name it where its keys are declared. */
export interface KeyFunction<TData, TArgs extends ReadonlyArray<string | number | undefined>> {
  (...args: TArgs): TypedQueryKey<TData>
}

const facts = new WeakMap<object, TypedKeyFacts>()

/** What is known of a key that a family made; `undefined` for any other array. */
export function typedKeyFacts(key: object): TypedKeyFacts | undefined {
  return facts.get(key)
}

/** A segment of a template: literal text, or a name with perhaps a default, which may be optional. */
interface Segment {
  literal?: string
  name?: string
  fallback?: string
  optional?: boolean
}

/** At most so many keys are remembered per family; a dashboard that runs for weeks must not grow for ever. */
const MEMO_LIMIT = 1000

/**
 * Makes a family's key function from its template, such as `exec:dashboard:{workspace}:{timeframe}`. Equal
 * arguments give the same frozen tuple, so that reading the cache with it needs no hashing.
 *
 * Throws a `TypeError` if a segment is missing or empty: an empty segment would be another family's key.
 */
export function defineFamily<TData, TArgs extends ReadonlyArray<string | number | undefined>>(
  template: string,
  options: FamilyOptions,
): KeyFunction<TData, TArgs> {
  const family: Family = { template, ...options }
  const segments = parseTemplate(template)
  const memo = new Map<string, TypedQueryKey<TData>>()
  return (...args) => {
    const single = args[0]
    // The separator cannot make two different argument lists equal: it is not a character of identifiers.
    const memoKey = args.length === 1 && typeof single === 'string' ? single : args.join('\u0000')
    let key = memo.get(memoKey)
    if (!key) {
      if (memo.size >= MEMO_LIMIT) memo.clear()
      key = makeKey<TData>(family, segments, args)
      memo.set(memoKey, key)
    }
    return key
  }
}

function makeKey<TData>(
  family: Family,
  template: readonly Segment[],
  args: ReadonlyArray<string | number | undefined>,
): TypedQueryKey<TData> {
  const elements: string[] = []
  const segments: Record<string, string> = {}
  let next = 0
  for (const { literal, name, fallback, optional } of template) {
    if (name === undefined) {
      elements.push(literal!)
      continue
    }
    const value = args[next++] ?? fallback
    if (value === undefined && optional) continue
    if (value === undefined || value === '') {
      throw new TypeError(`E_KEY_EMPTY_IDENTIFIER: ${family.template} needs a value for {${name}}`)
    }
    segments[name] = String(value)
    elements.push(segments[name])
  }
  const key = Object.freeze(elements) as unknown as TypedQueryKey<TData>
  const by = family.ttlBy
  const ttl = (by && by.values[segments[by.segment] ?? '']) ?? family.ttl
  facts.set(key, { hash: hashKey(key), family, segments, ttl })
  return key
}

/** `a:{b}:{c=10}[:{d}]` as segments. */
function parseTemplate(template: string): Segment[] {
  return template
    .replaceAll(/\[:\{([^}]*)\}\]/g, ':{$1?}')
    .split(':')
    .map((text) => {
      const match = /^\{([^=}?]+)(?:=([^}?]*))?(\?)?\}$/.exec(text)
      if (!match) return { literal: text }
      const [, name, fallback, optional] = match
      return {
        name: name!,
        ...(fallback === undefined ? {} : { fallback }),
        ...(optional ? { optional: true } : {}),
      }
    })
}
