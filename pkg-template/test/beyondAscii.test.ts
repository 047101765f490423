// @vitest-environment node
/** What is not ASCII is escaped on its way into the engine: each key must still be itself there, and no other. */
import { QueryClient } from 'samekey'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const TEXTS = ['é', 'É', '\\u00e9', '\\é', '日本語', '😀', '\ud83d', '\ude00', '\ude00\ud83d', '\x7f', '\x80', '\0', '"é"', '']

let client: QueryClient
beforeEach(() => {
  client = new QueryClient()
  for (const text of TEXTS) client.setQueryData(['texts', text, 'data'], text)
})
afterEach(() => client.clear())

describe('a key that holds', () => {
  it.each(TEXTS.map((text) => [JSON.stringify(text), text]))('%s is found exactly, by its beginning and as a member', (_, text) => {
    const found = (queryKey: unknown[], exact: boolean) =>
      client.getQueryCache().findAll({ queryKey, exact }).map(({ state }) => state.data)
    expect(found(['texts', text, 'data'], true)).toEqual([text])
    expect(found(['texts', text], false)).toEqual([text])
    client.setQueryData([{ [text]: text, other: 1 }], `member ${text}`)
    expect(found([{ [text]: text }], false)).toEqual([`member ${text}`])
  })

  it('a hash of the user’s own is that hash', () => {
    const hashed = new QueryClient({ defaultOptions: { queries: { queryKeyHashFn: (key) => `№${String(key[0])}` } } })
    hashed.setQueryData(['ä'], 1)
    hashed.setQueryData(['ö'], 2)
    expect(hashed.getQueryCache().findAll({ queryKey: ['ä'], exact: true }).map(({ queryHash }) => queryHash)).toEqual(['№ä'])
    hashed.clear()
  })

  it('a hash of the user’s own is no other, however it is written', () => {
    const hashed = new QueryClient({ defaultOptions: { queries: { queryKeyHashFn: (key) => String(key[0]) } } })
    const hashes = [...TEXTS, '[1]', '"[1]"', '["a"]', '\\\\u00e9', '"\\u00e9"']
    for (const hash of hashes) hashed.setQueryData([hash], hash)
    hashed.removeQueries({ queryKey: ['é'], exact: true })
    const left = hashes.filter((hash) => hash !== 'é')
    expect(hashed.getQueryCache().findAll().map(({ queryHash, state }) => [queryHash, state.data])).toEqual(left.map((hash) => [hash, hash]))
    for (const hash of left) expect(hashed.getQueryData([hash])).toBe(hash)
    expect(hashed.getQueryCache().stats()).toMatchObject({ keys: left.length })
    hashed.clear()
  })

  it('an option’s prefix', () => {
    client.setQueryDefaults(['größe'], { gcTime: 7 })
    expect(client.getQueryDefaults(['größe', 1])).toEqual({ gcTime: 7 })
    expect(client.getQueryDefaults(['gr\\u00f6\\u00dfe', 1])).toEqual({})
  })
})
