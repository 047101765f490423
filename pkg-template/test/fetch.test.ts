// @vitest-environment node
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { configureFetch, defineFamily, environmentManager, HttpError, isCancelledError, QueryClient, QueryObserver } from 'samekey'
import { queryKeys } from 'samekey/shadower'
import { EndpointServer, json, silence, tagged } from './endpointServer'
import { soon } from './soon'

let server: EndpointServer
let baseUrl = ''
let client: QueryClient

beforeAll(() => {
  // As in a browser: observers watch the clock, and what fails is tried again.
  environmentManager.setIsServer(() => false)
})
afterAll(() => {
  environmentManager.setIsServer(() => true)
})
beforeEach(async () => {
  server = new EndpointServer()
  baseUrl = await server.start()
  configureFetch({ baseUrl })
  client = new QueryClient()
})
afterEach(() => {
  client.clear()
  vi.useRealTimers()
  return server.stop()
})

/** The error that a fetch of this key ends with. */
const failure = (queryKey: readonly unknown[]) =>
  client.fetchQuery({ queryKey }).then(
    () => expect.unreachable('the fetch succeeded'),
    (error: unknown) => error as HttpError,
  )

describe('a typed key', () => {
  it('is enough: its endpoint is asked, with the segments in it', async () => {
    server.answer = json({ workspace_id: 'ws1', mrr: 12 })
    expect(await client.fetchQuery({ queryKey: queryKeys.kpis('ws1') })).toEqual({ workspace_id: 'ws1', mrr: 12 })
    expect(server.asked).toEqual(['/api/v1/executive/kpis?workspace_id=ws1'])
  })

  it('percent-encodes segments, in the path as in the query', async () => {
    await client.fetchQuery({ queryKey: queryKeys.agentAnalytics('a/b?c', '7d') })
    await client.fetchQuery({ queryKey: queryKeys.kpis('a&b=c é') })
    expect(server.asked).toEqual([
      '/api/v1/agents/a%2Fb%3Fc/analytics?timeframe=7d',
      '/api/v1/executive/kpis?workspace_id=a%26b%3Dc%20%C3%A9',
    ])
  })

  it('puts in defaults, and leaves out an optional part whose segment is not there', async () => {
    await client.fetchQuery({ queryKey: queryKeys.topAgents('ws1', '7d') })
    await client.fetchQuery({ queryKey: queryKeys.userAnalytics('ws1', '7d') })
    await client.fetchQuery({ queryKey: queryKeys.userAnalytics('ws1', '7d', 'power') })
    expect(server.asked).toEqual([
      '/api/v1/agents/top?workspace_id=ws1&timeframe=7d&limit=10',
      '/api/v1/users/analytics?workspace_id=ws1&timeframe=7d',
      '/api/v1/users/analytics?workspace_id=ws1&timeframe=7d&segment=power',
    ])
  })

  it('whose identifier would lead to another endpoint is refused', async () => {
    const error = await failure(queryKeys.agentAnalytics('..', '7d'))
    expect(error.code).toBe('E_HTTP_OPTIONS')
    expect(server.asked).toEqual([])
  })

  it('of an entry that was made under a plain key fetches all the same', async () => {
    client.setQueryData(['exec', 'kpis', 'ws1'], { mrr: 1 }, { updatedAt: 1 })
    server.answer = json({ mrr: 2 })
    expect(await client.fetchQuery({ queryKey: queryKeys.kpis('ws1') })).toEqual({ mrr: 2 })
  })

  it('gives way to options of the user and of a prefix, and goes before the general defaults of the client', () => {
    const own = () => Promise.resolve('own')
    const general = () => Promise.resolve('general')
    client.setDefaultOptions({ queries: { queryFn: general, staleTime: 1, refetchInterval: 7, retry: 5 } })
    const queryKey = queryKeys.realtimeMetrics('ws1', 'runs')
    const typed = client.defaultQueryOptions({ queryKey })
    expect(typed).toMatchObject({ refetchInterval: 30_000, retry: 5 })
    expect(typed.queryFn).not.toBe(general)
    client.setQueryDefaults(['metrics'], { refetchInterval: 9, staleTime: 2 })
    expect(client.defaultQueryOptions({ queryKey })).toMatchObject({ refetchInterval: 9, staleTime: 2 })
    expect(client.defaultQueryOptions({ queryKey, queryFn: own, staleTime: 3 })).toMatchObject({ queryFn: own, staleTime: 3 })
    expect(client.defaultQueryOptions({ queryKey: ['plain'] })).toMatchObject({ queryFn: general, staleTime: 1 })
  })

  it('without an endpoint brings its lifetime alone', () => {
    expect(client.defaultQueryOptions({ queryKey: queryKeys.reportData('r1') })).toMatchObject({ staleTime: 86_400_000 })
    expect(client.defaultQueryOptions({ queryKey: queryKeys.reportData('r1') }).queryFn).toBeUndefined()
  })
})

describe('freshness is counted once', () => {
  const queryKey = queryKeys.kpis('ws1')
  const isStaleAfter = async (ms: number) => {
    vi.setSystemTime(Date.now() + ms)
    const before = server.asked.length
    await client.fetchQuery({ queryKey })
    return server.asked.length > before
  }
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'] })
  })

  it('fresh for what the server has left, and not a moment longer', async () => {
    server.answer = tagged({ mrr: 1 }, '"1"', 42)
    await client.fetchQuery({ queryKey })
    expect(await isStaleAfter(41_999)).toBe(false)
    expect(await isStaleAfter(1)).toBe(true)
  })

  it("fresh for the family's TTL where the server says nothing", async () => {
    await client.fetchQuery({ queryKey })
    expect(await isStaleAfter(299_999)).toBe(false)
    expect(await isStaleAfter(1)).toBe(true)
  })

  it.each(['no-store', 'no-cache', 'max-age=0', 'private, max-age=60, no-store'])('not at all with %s', async (header) => {
    server.answer = json({}, { 'cache-control': header })
    await client.fetchQuery({ queryKey })
    expect(await isStaleAfter(0)).toBe(true)
  })

  it('a 304 says anew how long', async () => {
    server.answer = tagged({ mrr: 1 }, '"1"', 10)
    await client.fetchQuery({ queryKey })
    server.answer = tagged({ mrr: 1 }, '"1"', 100)
    expect(await isStaleAfter(10_000)).toBe(true)
    expect(await isStaleAfter(99_999)).toBe(false)
  })

  it('data written by hand lives as long as the family says', async () => {
    server.answer = tagged({ mrr: 1 }, '"1"', 10)
    await client.fetchQuery({ queryKey })
    client.setQueryData(queryKey, { ...(client.getQueryData(queryKey) as object), mrr: 2 } as never)
    expect(await isStaleAfter(299_999)).toBe(false)
  })

  it('an observer becomes stale when the server said so', async () => {
    vi.useRealTimers()
    server.answer = tagged({ mrr: 1 }, '"1"', 1)
    const observer = new QueryObserver(client, { queryKey })
    const told: boolean[] = []
    const stop = observer.subscribe(({ isSuccess, isStale }) => void (isSuccess && told.push(isStale)))
    await soon(() => expect(told).toEqual([false, true]))
    expect(observer.getCurrentResult().isStale).toBe(true)
    expect(Date.now() - observer.getCurrentResult().dataUpdatedAt).toBeGreaterThanOrEqual(1000)
    stop()
  })
})

describe('what has not changed', () => {
  const queryKey = queryKeys.kpis('ws1')
  const refetch = () => client.fetchQuery({ queryKey, staleTime: 0 })

  it('is asked for by its entity tag; after a 304 the very same data stays', async () => {
    server.answer = tagged({ list: [1, 2] }, '"v1"', 10)
    const first = await refetch()
    expect(await refetch()).toBe(first)
    expect(client.getQueryData(queryKey)).toBe(first)
    expect(server.headers.map((headers) => headers['if-none-match'])).toEqual([undefined, '"v1"'])
  })

  it('is known by its body where there is no entity tag, and then not even parsed', async () => {
    server.answer = json({ list: [1, 2] })
    const first = await refetch()
    const parse = vi.spyOn(JSON, 'parse')
    expect(await refetch()).toBe(first)
    expect(parse).not.toHaveBeenCalled()
  })

  it('is still known after data that changed was merged into the old', async () => {
    server.answer = tagged({ same: [1], other: 1 }, '"v1"', 10)
    const first = (await refetch()) as unknown as { same: number[] }
    server.answer = tagged({ same: [1], other: 2 }, '"v2"', 10)
    await refetch()
    const second = client.getQueryData(queryKey) as unknown as { same: number[] }
    expect(second).not.toBe(first)
    expect(second.same).toBe(first.same)
    await refetch()
    expect(client.getQueryData(queryKey)).toBe(second)
    expect(server.headers.map((headers) => headers['if-none-match'])).toEqual([undefined, '"v1"', '"v2"'])
  })

  it('is asked for whole when somebody wrote other data over it', async () => {
    server.answer = tagged({ mrr: 1 }, '"v1"', 10)
    await refetch()
    client.setQueryData(queryKey, { mrr: 99 } as never)
    expect(await refetch()).toEqual({ mrr: 1 })
    expect(server.headers[1]!['if-none-match']).toBeUndefined()
  })

  it('does not make an observer that shows the data render', async () => {
    server.answer = json({ list: [1, 2] })
    const observer = new QueryObserver(client, { queryKey, notifyOnChangeProps: ['data'] })
    const seen = vi.fn()
    const stop = observer.subscribe(seen)
    await soon(() => expect(observer.getCurrentResult().isSuccess).toBe(true))
    seen.mockClear()
    await client.refetchQueries({ queryKey })
    expect(server.asked).toHaveLength(2)
    expect(seen).not.toHaveBeenCalled()
    stop()
  })
})

describe('a request that fails', () => {
  const queryKey = queryKeys.kpis('ws1')

  it('with a status tells it, with the body that came', async () => {
    server.answer = json({ code: 'E_UNKNOWN', message: 'no such workspace' }, {}, 404)
    const error = await failure(queryKey)
    expect(error).toBeInstanceOf(HttpError)
    expect(error).toMatchObject({
      name: 'HttpError',
      code: 'E_HTTP_STATUS',
      status: 404,
      body: { code: 'E_UNKNOWN', message: 'no such workspace' },
      queryKey,
      url: `${baseUrl}/api/v1/executive/kpis?workspace_id=ws1`,
      retryable: false,
    })
    expect(error.message).toBe('E_HTTP_STATUS: 404, no such workspace (key: ["exec","kpis","ws1"])')
  })

  it('with a body that is no JSON gives its text', async () => {
    server.answer = (_, response) => response.writeHead(502).end('<h1>Bad gateway</h1>')
    expect(await failure(queryKey)).toMatchObject({ code: 'E_HTTP_STATUS', status: 502, body: '<h1>Bad gateway</h1>', retryable: true })
  })

  it.each([
    ['text that is no JSON', Buffer.from('<html>')],
    ['nothing', Buffer.alloc(0)],
    ['bytes that are no text', Buffer.from([0x22, 0xff, 0x22])],
  ])('because a success is %s', async (_, body) => {
    server.answer = (_request, response) => response.writeHead(200).end(body)
    expect(await failure(queryKey)).toMatchObject({ code: 'E_HTTP_BODY', status: 200, retryable: false })
  })

  it('because nobody listens there', async () => {
    configureFetch({ baseUrl: 'http://127.0.0.1:9' })
    const error = await failure(queryKey)
    expect(error).toMatchObject({ code: 'E_HTTP_NETWORK', status: undefined, retryable: true })
    expect(error.cause).toBeInstanceOf(Error)
  })

  it('because the connection breaks in the middle of the body', async () => {
    server.answer = (_, response) => {
      response.writeHead(200, { 'content-length': '1000' })
      response.write('{"half":')
      setTimeout(() => response.destroy(), 20)
    }
    expect(await failure(queryKey)).toMatchObject({ code: 'E_HTTP_NETWORK', retryable: true })
  })

  it('because it takes too long; the server is let go', async () => {
    configureFetch({ baseUrl, timeout: 50 })
    server.answer = silence
    // On a busy machine the time may be over before the server was asked at all.
    do expect(await failure(queryKey)).toMatchObject({ code: 'E_HTTP_TIMEOUT', retryable: true })
    while (server.asked.length === 0)
    await soon(() => expect(server.hungUp).toBe(server.asked.length))
  })

  it('because a path alone is no address outside a page', async () => {
    configureFetch({})
    expect(await failure(queryKey)).toMatchObject({ code: 'E_HTTP_OPTIONS', retryable: false })
  })

  it('with 4xx is not tried again, and with 5xx is', async () => {
    client.setQueryDefaults(['exec'], { retryDelay: 1 })
    for (const [status, attempts] of [[404, 1], [403, 1], [429, 4], [408, 4], [500, 4], [503, 4]] as const) {
      server.reset()
      server.answer = json({}, {}, status)
      const observer = new QueryObserver(client, { queryKey: queryKeys.kpis(`ws-${status}`) })
      const stop = observer.subscribe(() => {})
      await soon(() => expect(observer.getCurrentResult().isError).toBe(true))
      expect({ status, attempts: server.asked.length }).toEqual({ status, attempts })
      expect(observer.getCurrentResult().failureCount).toBe(attempts)
      stop()
    }
  })

  it('is tried again as the user says, if they say', async () => {
    server.answer = json({}, {}, 404)
    await client.fetchQuery({ queryKey, retry: 2, retryDelay: 1 }).catch(() => {})
    expect(server.asked).toHaveLength(3)
  })
})

describe('a fetch that is cancelled', () => {
  const queryKey = queryKeys.kpis('ws1')

  it('hangs up on the server, and is a cancellation like any other', async () => {
    server.answer = silence
    const promise = client.fetchQuery({ queryKey }).catch((error: unknown) => error)
    await soon(() => expect(server.asked).toHaveLength(1))
    await client.cancelQueries({ queryKey })
    expect(isCancelledError(await promise)).toBe(true)
    await soon(() => expect(server.hungUp).toBe(1))
    expect(client.getQueryState(queryKey)).toMatchObject({ status: 'pending', fetchStatus: 'idle', error: null })
  })

  it('by the last observer that leaves hangs up too', async () => {
    server.answer = silence
    const stop = new QueryObserver(client, { queryKey }).subscribe(() => {})
    await soon(() => expect(server.asked).toHaveLength(1))
    stop()
    await soon(() => expect(server.hungUp).toBe(1))
  })
})

describe('configureFetch', () => {
  const queryKey = queryKeys.kpis('ws1')

  it('sends headers, the same each time or asked for each time', async () => {
    configureFetch({ baseUrl, headers: { authorization: 'Bearer 1' } })
    await client.fetchQuery({ queryKey, staleTime: 0 })
    configureFetch({ baseUrl, headers: () => Promise.resolve(new Headers({ authorization: 'Bearer 2' })) })
    await client.fetchQuery({ queryKey, staleTime: 0 })
    expect(server.headers.map(({ authorization, accept }) => ({ authorization, accept }))).toEqual([
      { authorization: 'Bearer 1', accept: 'application/json' },
      { authorization: 'Bearer 2', accept: 'application/json' },
    ])
  })

  it('with a header that is none fails, rather than hang', async () => {
    configureFetch({ baseUrl, headers: { 'no such': 'header' } })
    expect(await failure(queryKey)).toBeInstanceOf(TypeError)
  })

  it('families of a schema of one’s own fetch the same way', async () => {
    const orders = defineFamily<{ n: number }, [shop: string]>('orders:{shop}', { ttl: 1000, endpoint: '/orders/{shop}' })
    server.answer = json({ n: 3 })
    expect(await client.fetchQuery({ queryKey: orders('s1') })).toEqual({ n: 3 })
    expect(server.asked).toEqual(['/orders/s1'])
  })
})
