// @vitest-environment node
/** Mistakes that everybody makes once: what they are told says what to do. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { defineFamily, QueryClient, QueryObserver, SamekeyError } from 'samekey'

const client = new QueryClient()
afterEach(() => client.clear())

/** A call as JavaScript makes it, or TypeScript with an `any` in it. */
const untyped = client as unknown as Record<string, (...args: unknown[]) => unknown>

async function thrownBy(call: () => unknown): Promise<unknown> {
  try {
    await call()
  } catch (error) {
    return error
  }
  return undefined
}

describe('a key that is none says so', () => {
  it.each<[string, () => unknown]>([
    ['a text', () => untyped['fetchQuery']!({ queryKey: 'todos', queryFn: () => 1 })],
    ['one that is missing', () => untyped['fetchQuery']!({ queryFn: () => 1 })],
    ['the arguments of version 3', () => untyped['fetchQuery']!(['todos'], () => 1)],
    ['a text to read by', () => untyped['getQueryData']!('todos')],
    ['nothing to read by', () => untyped['getQueryData']!()],
    ['nothing to write to', () => untyped['setQueryData']!(undefined, 1)],
    ['a text to watch', () => new QueryObserver(client, { queryKey: 'todos' as unknown as [] })],
    ['a text in a filter', () => untyped['invalidateQueries']!({ queryKey: 'todos' })],
    ['a text in an exact filter', () => untyped['removeQueries']!({ queryKey: 'todos', exact: true })],
  ])('%s', async (_, call) => {
    client.setQueryData(['todos'], 1)
    const error = await thrownBy(call)
    expect(error).toBeInstanceOf(SamekeyError)
    expect(error).toMatchObject({ code: 'E_KEY_NOT_AN_ARRAY', message: expect.stringContaining("['todos', 1], under `queryKey`") as string })
  })
})

describe('a typed key', () => {
  const position = defineFamily<number, [vehicle: string]>('vehicle:position:{vehicle}', { ttl: 60_000 })
  const made = (identifier: unknown) => thrownBy(() => position(identifier as string))

  it.each([undefined, null, ''])('of %s says which identifier is missing, and what to do until it is known', async (identifier) => {
    const error = await made(identifier)
    expect(error).toBeInstanceOf(SamekeyError)
    expect(error).toMatchObject({
      code: 'E_KEY_EMPTY_IDENTIFIER',
      message: expect.stringMatching(/vehicle:position:\{vehicle\} needs a value for \{vehicle\}.*`enabled: false`/) as string,
    })
  })

  it.each([{ id: 'v1' }, ['v1'], NaN])('of %o is refused: its text would be one key for all', async (identifier) => {
    expect(await made(identifier)).toMatchObject({ code: 'E_KEY_BAD_IDENTIFIER' })
  })
})

describe('an infinite query', () => {
  it.each(['infiniteQuery', 'fetchInfiniteQuery', 'prefetchInfiniteQuery', 'ensureInfiniteQueryData'])('that a client fetches by plain options says what they lack: %s', async (fetch) => {
    const error = await thrownBy(() => untyped[fetch]!({ queryKey: ['list'], queryFn: () => 1, initialPageParam: 0 }))
    expect(error).toMatchObject({ code: 'E_NO_PAGES', message: expect.stringContaining('`infiniteQueryOptions`') as string })
  })
})

describe('filters', () => {
  it('that are an array are told that they find everything', () => {
    const told = vi.spyOn(console, 'error').mockImplementation(() => {})
    client.setQueryData(['users'], 1)
    void untyped['invalidateQueries']!(['todos'])
    expect(told).toHaveBeenCalledWith(expect.stringContaining('{ queryKey: ["todos"] }'))
    void client.invalidateQueries({ queryKey: ['todos'] })
    expect(told).toHaveBeenCalledTimes(1)
  })

  it.each([
    ['a::b', /empty/],
    ['a:b*', /whole segment/],
    ['a:b?', /encodeURIComponent/],
    ['a:%4', /hex digits/],
  ])('with the pattern %s say what is wrong with it', async (pattern, meaning) => {
    client.setQueryData(['a'], 1)
    const error = await thrownBy(() => client.invalidateQueries({ pattern }))
    expect((error as Error).message).toMatch(meaning)
  })
})
