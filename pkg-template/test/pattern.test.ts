import { describe, expect, it } from 'vitest'
import { QueryClient } from '../src/core'

function clientWith(...keys: Array<readonly unknown[]>): QueryClient {
  const client = new QueryClient()
  for (const key of keys) client.setQueryData(key, 1)
  return client
}

const found = (client: QueryClient, pattern: string) =>
  client.getQueryCache().findAll({ pattern }).map((query) => query.queryKey)

describe('a pattern', () => {
  it('matches one element by `*`, and one or more at the end', () => {
    const client = clientWith(['exec', 'kpis', 'ws1'], ['exec', 'kpis', 'ws1', '7d'], ['exec', 'kpis', 'ws2', '7d'])
    expect(found(client, 'exec:*:ws1:*')).toEqual([['exec', 'kpis', 'ws1', '7d']])
    expect(found(client, 'exec:kpis:*')).toHaveLength(3)
    expect(found(client, 'exec:*:ws1')).toEqual([['exec', 'kpis', 'ws1']])
    client.clear()
  })

  it('means the text of a number, and what is escaped', () => {
    const client = clientWith(['a', 10], ['a', 'x:y'], ['a', 'say "é"\n'])
    expect(found(client, 'a:10')).toEqual([['a', 10]])
    expect(found(client, 'a:x%3Ay')).toEqual([['a', 'x:y']])
    expect(found(client, 'a:say%20"é"%0A')).toEqual([['a', 'say "é"\n']])
    client.clear()
  })

  it.each([
    ['a::b', 'E_KEY_EMPTY_IDENTIFIER'],
    ['a:b*', 'E_PATTERN_PARTIAL_WILDCARD'],
    ['a:b?', 'E_KEY_RESERVED_CHARACTER'],
    ['a: ', 'E_KEY_RESERVED_CHARACTER'],
    ['a:%4', 'E_KEY_BAD_ESCAPE'],
  ])('%s is none: %s', (pattern, code) => {
    const client = clientWith(['a'])
    expect(() => found(client, pattern)).toThrow(expect.objectContaining({ code }))
    client.clear()
  })
})
