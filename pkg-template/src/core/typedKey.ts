import { familyDefaults, type FamilyDefaults } from './familyDefaults'
import { hashKey } from './hashKey'
import { SamekeyError } from './samekeyError'
import type { QueryKey, UnsetMarker, dataTagErrorSymbol, dataTagSymbol } from './types'

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
  /** The query last found under this key, in whichever cache: its caller looks whether it is the right one. */
  found: unknown
  /** The options that the family brings. */
  readonly defaults: FamilyDefaults
}

/** A family of keys. */
export interface Family extends FamilyOptions {
  readonly template: string
}

/** Where a typed key carries its facts: a property is found five times faster than an entry of a WeakMap. */
const FACTS = Symbol('facts')

/** What is known of a key that a family made; `undefined` for any other array. */
export function typedKeyFacts(key: object): TypedKeyFacts | undefined {
  return (key as { [FACTS]?: TypedKeyFacts })[FACTS]
}

/** A family's key function. An interface, so that the published types can name it where its keys are declared. */
export interface KeyFunction<TData, TArgs extends ReadonlyArray<string | number | undefined>> {
  (...args: TArgs): TypedQueryKey<TData>
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
 * Throws a `SamekeyError` if a segment is missing or empty, which would be another family's key, or no text, which would
 * be one key for all: an object's text is `[object Object]`.
 */
export function defineFamily<TData, TArgs extends ReadonlyArray<string | number | undefined>>(
  template: string,
  options: FamilyOptions,
): KeyFunction<TData, TArgs> {
  const family: Family = { template, ...options }
  const segments = parseTemplate(template)
  let memo: Memo<TypedQueryKey<TData>> = new Map()
  let remembered = 0
  const remember = (...args: ReadonlyArray<string | number | undefined>): TypedQueryKey<TData> => {
    let level = memo
    // A map per argument, since joining arguments makes a new text whose hash must be computed each time.
    for (let i = 0; i < args.length - 1; i++) {
      let next = level.get(args[i]) as Memo<TypedQueryKey<TData>> | undefined
      if (!(next instanceof Map)) level.set(args[i], (next = new Map()))
      level = next
    }
    const last = args[args.length - 1]
    const known = level.get(last)
    if (known && !(known instanceof Map)) return known
    const key = makeKey<TData>(family, segments, args)
    if (known) return key
    level.set(last, key)
    if (++remembered > MEMO_LIMIT) {
      memo = new Map()
      remembered = 0
    }
    return key
  }
  // Two segments, the usual case: no array of arguments for a key that is remembered.
  const ofTwo = (first: TArgs[number], second: TArgs[number]): TypedQueryKey<TData> => {
    const level = memo.get(first)
    const known = level instanceof Map ? level.get(second) : undefined
    return known && !(known instanceof Map) ? known : remember(first, second)
  }
  const names = segments.filter(({ name }) => name !== undefined)
  const make = (names.length === 2 ? ofTwo : remember) as KeyFunction<TData, TArgs>
  families.set(template, { segments, make: make as unknown as KeyFunction<unknown, string[]> })
  return make
}

/** The families there are, by template: one that is defined anew, as a module that is replaced while editing, is one. */
const families = new Map<string, { segments: readonly Segment[]; make: KeyFunction<unknown, string[]> }>()

/** A key that was JSON in between is its family's again, if the family is there; any other stays as it is. */
export function recognised(key: QueryKey): QueryKey {
  for (const { segments, make } of families.values()) {
    if (key.length !== segments.length && !(key.length === segments.length - 1 && segments.at(-1)!.optional)) continue
    const fits = key.every((element, index) => typeof element === 'string' && (segments[index]!.literal ?? element) === element)
    if (fits) return make(...(key.filter((_, index) => segments[index]!.name !== undefined) as string[]))
  }
  return key
}

/** Keys by their last argument, below a map for each argument before it. */
type Memo<T> = Map<string | number | undefined, T | Memo<T>>

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
      throw new SamekeyError('E_KEY_EMPTY_IDENTIFIER', {
        meaning: `${family.template} needs a value for {${name}}. Where it is not known yet: \`enabled: false\`, and any text in its place.`,
      })
    }
    if (typeof value === 'object' || Number.isNaN(value)) {
      throw new SamekeyError('E_KEY_BAD_IDENTIFIER', { meaning: `${family.template} takes a text or a number for {${name}}` })
    }
    segments[name] = String(value)
    elements.push(segments[name])
  }
  const by = family.ttlBy
  const ttl = (by && by.values[segments[by.segment] ?? '']) ?? family.ttl
  const key = elements as unknown as TypedQueryKey<TData>
  const hash = hashKey(key)
  const defaults = familyDefaults(key, family, ttl, hash)
  const facts: TypedKeyFacts = { hash, family, segments, ttl, defaults, found: undefined }
  // Not enumerable: two keys are equal when their elements are.
  Object.defineProperty(key, FACTS, { value: facts })
  return Object.freeze(key)
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
