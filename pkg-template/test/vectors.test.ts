// @vitest-environment node
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { hashKey, partialMatchKey, QueryClient, typedKeyFacts, type QueryKey } from 'samekey'
import { queryKeys } from 'samekey/shadower'

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../tests/vectors/${name}.json`, import.meta.url), 'utf8'))

interface KeyVector {
  family: string
  arguments: Array<string | number>
  segments: string[]
  ttl_seconds: number
}
type Families = Record<string, (...args: Array<string | number>) => QueryKey>

const families = queryKeys as unknown as Families
const family = (name: string) => families[name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase())]!

/** A query key is a JavaScript expression in the vectors: JSON, and the bare word `undefined`. */
const keyOf = (text: string) => new Function(`return ${text}`)() as QueryKey

describe('the bundled schema makes the keys that Rust and Python make', () => {
  const { keys, refused } = read('keys') as { keys: KeyVector[]; refused: KeyVector[] }

  it.each(keys.map((vector) => [`${vector.family}(${vector.arguments.join(', ')})`, vector] as const))('%s', (_, vector) => {
    const key = family(vector.family)(...vector.arguments)
    expect([...key]).toEqual(vector.segments)
    expect(typedKeyFacts(key)!.ttl).toBe(vector.ttl_seconds * 1000)
  })

  it.each(refused.map((vector) => [`${vector.family}(${vector.arguments.join(', ')})`, vector] as const))('and refuses %s', (_, vector) => {
    expect(() => family(vector.family)(...vector.arguments)).toThrow(/^E_KEY_EMPTY_IDENTIFIER/)
  })
})

describe('a pattern finds in the cache what it finds on the server', () => {
  interface Case {
    pattern: string
    matches: string[]
    misses: string[]
  }
  const { cases } = read('matches') as { cases: Case[] }
  /** Texts with an empty or an ill-encoded segment are no keys at all: in the browser, keys are not texts. */
  const segmentsOf = (text: string): string[] | undefined => {
    const parts = text.split(':')
    if (parts.includes('')) return undefined
    try {
      const raw = parts.map((part) => decodeURIComponent(part))
      // `encodeURIComponent` lets an asterisk be.
      const encode = (special: string) => (special === '*' ? '%2A' : encodeURIComponent(special))
      const again = raw.map((part) => part.replaceAll(/[:*?[\]{}\\%\s\p{Cc}]/gu, encode))
      return again.join(':') === text ? raw : undefined
    } catch {
      return undefined
    }
  }

  it.each(cases)('$pattern', ({ pattern, matches, misses }) => {
    const client = new QueryClient()
    const keys = [...matches, ...misses].map(segmentsOf).filter((key) => key !== undefined)
    for (const key of keys) client.setQueryData(key, 1)
    const found = client.getQueryCache().findAll({ pattern }).map(({ queryHash }) => queryHash)
    expect(found.sort()).toEqual(matches.map((text) => hashKey(segmentsOf(text)!)).sort())
    client.clear()
  })
})

describe('plain keys', () => {
  const { hashes, matches } = read('query_keys') as {
    hashes: Array<{ key: string; hash: string }>
    matches: Array<{ key: string; filter: string; matches: boolean }>
  }

  it.each(hashes)('$key hashes as TanStack hashes it', ({ key, hash }) => {
    expect(hashKey(keyOf(key))).toBe(hash)
  })

  it.each(matches)('$key under $filter: $matches', ({ key, filter, matches: expected }) => {
    expect(partialMatchKey(keyOf(key), keyOf(filter))).toBe(expected)
  })
})
