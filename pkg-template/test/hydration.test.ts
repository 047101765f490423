// @vitest-environment node
/** What hydration does for typed keys, which TanStack Query has not. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { configureFetch, defineFamily, dehydrate, environmentManager, hydrate, QueryClient, QueryObserver, typedKeyFacts } from 'samekey'
import { queryKeys } from 'samekey/shadower'
import { EndpointServer, tagged } from './endpointServer'

const summary = defineFamily<{ moving: number }, [depot: string, day?: string]>('depot:summary:{depot}[:{day}]', {
  ttl: 60_000,
  endpoint: '/depots/{depot}[?day={day}]',
})
const driver = defineFamily<{ name: string }, [vehicle: string]>('vehicle:driver:{vehicle}', { ttl: 60_000, sensitive: true })

let server: EndpointServer
let onServer: QueryClient
let inBrowser: QueryClient

beforeAll(() => environmentManager.setIsServer(() => false))
afterAll(() => environmentManager.setIsServer(() => true))
beforeEach(async () => {
  server = new EndpointServer()
  configureFetch({ baseUrl: await server.start() })
  onServer = new QueryClient()
  inBrowser = new QueryClient()
})
afterEach(() => {
  onServer.clear()
  inBrowser.clear()
  return server.stop()
})

/** From the server to the browser, as JSON in a page. */
const send = () => hydrate(inBrowser, JSON.parse(JSON.stringify(dehydrate(onServer))))

describe('a typed key that was JSON in between', () => {
  it('is typed again, so that a stream covers it', () => {
    onServer.setQueryData(summary('d1'), { moving: 3 })
    onServer.setQueryData(summary('d1', 'today'), { moving: 4 })
    onServer.setQueryData(queryKeys.topAgents('ws1', '7d'), { agents: [] } as never)
    send()
    const keys = inBrowser.getQueryCache().getAll().map(({ queryKey }) => queryKey)
    expect(keys[0]).toBe(summary('d1'))
    expect(keys[1]).toBe(summary('d1', 'today'))
    expect(typedKeyFacts(keys[2]!)?.segments).toEqual({ workspace: 'ws1', timeframe: '7d', limit: '10' })
    expect(inBrowser.getQueryData(summary('d1', 'today'))).toEqual({ moving: 4 })
  })

  it('of no family that is there stays what it is', () => {
    const others = [['depot', 'summary'], ['depot', 'summary', 'd1', 'today', 'more'], ['depot', 'summary', 7], ['depot', 'other', 'd1']]
    for (const key of others) onServer.setQueryData(key, 1)
    send()
    const keys = inBrowser.getQueryCache().getAll().map(({ queryKey }) => queryKey)
    expect(keys).toEqual(others)
    expect(keys.filter((key) => typedKeyFacts(key))).toEqual([])
  })
})

describe('what the server said of an answer', () => {
  it('goes along: how long it stays true, and its version', async () => {
    server.answer = tagged({ moving: 3 }, '"v1"', 120)
    await onServer.fetchQuery({ queryKey: summary('d1') })
    send()
    const query = inBrowser.getQueryCache().find({ queryKey: summary('d1') })!
    const observer = new QueryObserver(inBrowser, { queryKey: summary('d1') })
    // The family's own lifetime is half of that.
    query.setState({ dataUpdatedAt: Date.now() - 90_000 })
    expect(observer.getOptimisticResult(inBrowser.defaultQueryOptions({ queryKey: summary('d1') })).isStale).toBe(false)

    const before = inBrowser.getQueryData(summary('d1'))
    await inBrowser.refetchQueries({ queryKey: summary('d1') })
    expect(server.headers.at(-1)?.['if-none-match']).toBe('"v1"')
    expect(inBrowser.getQueryData(summary('d1'))).toBe(before)
  })
})

describe('a sensitive family', () => {
  it('stays where it is, unless that is asked for', () => {
    onServer.setQueryData(driver('v1'), { name: 'Ann' })
    onServer.setQueryData(summary('d1'), { moving: 3 })
    expect(dehydrate(onServer).queries.map(({ queryKey }) => queryKey)).toEqual([summary('d1')])
    expect(dehydrate(onServer, { shouldDehydrateQuery: () => true }).queries).toHaveLength(2)
  })
})
