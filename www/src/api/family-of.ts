import type { QueryKey } from 'samekey/react'
import { queryKeys } from 'samekey/shadower'

/** A name no family has, for entries that belong to none: the lists of the pickers, and this page's own figures. */
export const NO_FAMILY = ''

/** A family's name as the server writes it, and its keys' segments: `*` where a key has a value of its own. */
interface Family {
  name: string
  segments: readonly string[]
}

/** More than any family has parameters; what is too much is ignored. */
const ANY = ['*', '*', '*', '*', '*', '*'] as const

/** The families in the schema's order. */
const FAMILIES: readonly Family[] = Object.entries(queryKeys).map(([name, key]) => ({
  name: name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
  segments: (key as unknown as (...values: readonly string[]) => readonly string[])(...ANY),
}))

/** The names of the schema's families, in its order. */
export const FAMILY_NAMES: readonly string[] = FAMILIES.map(({ name }) => name)

/** Which family of the schema a key belongs to. */
export function familyOf(queryKey: QueryKey): string {
  return FAMILIES.find(({ segments }) => matches(segments, queryKey))?.name ?? NO_FAMILY
}

/** A key may lack the last segments, which are optional then, and never a literal one. */
function matches(segments: readonly string[], queryKey: QueryKey): boolean {
  if (queryKey.length > segments.length) return false
  return segments.every((segment, place) => (place < queryKey.length ? segment === '*' || segment === queryKey[place] : segment === '*'))
}
