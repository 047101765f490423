// @vitest-environment node
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { environmentManager, focusManager, onlineManager, QueryClient, QueryObserver, type QueryKey } from 'samekey'
import { live, type Live, type LiveError, type LiveInvalidation, type LiveOptions } from 'samekey/live'
import { queryKeys } from 'samekey/shadower'
import { StreamServer } from './streamServer'

let server: StreamServer
let url: string
let client: QueryClient
let stream: Live | undefined
const cleanups: Array<() => void> = []

beforeAll(() => {
  // As in a browser: a server render has no use for a stream.
  environmentManager.setIsServer(() => false)
})
afterAll(() => environmentManager.setIsServer(() => true))
beforeEach(async () => {
  server = new StreamServer()
  url = await server.start()
  client = new QueryClient()
})
afterEach(async () => {
  stream?.stop()
  for (const cleanup of cleanups.splice(0)) cleanup()
  client.clear()
  focusManager.setFocused(undefined)
  onlineManager.setOnline(true)
  await server.kill()
})

const soon = (check: () => void) => vi.waitFor(check, { timeout: 5_000, interval: 5 })
const pause = (millis: number) => new Promise((resolve) => setTimeout(resolve, millis))

/** Connects, and waits until it is open. */
async function connected(options: Partial<LiveOptions> = {}): Promise<Live> {
  stream = live(client, { url, ...options })
  await soon(() => expect(stream!.status).toBe('open'))
  return stream
}

/** A query on screen, whose data is how often it was fetched. */
async function watched(queryKey: QueryKey, options: { refetchInterval?: number; staleTime?: number } = {}) {
  let count = 0
  const query = {
    /** How often it was asked for. */
    get fetches() {
      return count
    },
    get state() {
      return client.getQueryState(queryKey)!
    },
  }
  const observer = new QueryObserver(client, { queryKey, queryFn: () => Promise.resolve(++count), staleTime: Infinity, ...options })
  cleanups.push(observer.subscribe(() => {}))
  await soon(() => expect(query.state.status).toBe('success'))
  return query
}

describe('connecting', () => {
  it('greets the server with its token, and says how far back its data goes', async () => {
    const opened = await connected({ token: 'secret', headers: { 'X-Tenant': 'a' } })
    const { headers, url: asked } = server.last
    expect(headers).toMatchObject({ authorization: 'Bearer secret', accept: 'text/event-stream', 'x-tenant': 'a' })
    expect(Number(/look_back_ms=(\d+)/.exec(asked)![1])).toBeGreaterThanOrEqual(1_000)
    expect(opened.lastEventId).toBe('100-0')
  })

  it('tells who listens how it stands', async () => {
    const seen: string[] = []
    stream = live(client, { url })
    expect(stream.status).toBe('connecting')
    stream.subscribe(() => seen.push(stream!.status))
    await soon(() => expect(seen).toEqual(['open']))
    stream.stop()
    expect(seen).toEqual(['open', 'stopped'])
  })

  it('hangs up when it is stopped, and resumes when it is started again', async () => {
    const opened = await connected()
    opened.stop()
    await soon(() => expect(server.open).toHaveLength(0))
    server.invalidate(['a:*'])
    const events: LiveInvalidation[] = []
    stream = live(client, { url, onInvalidate: (event) => events.push(event) })
    stream.stop()
    opened.start()
    stream = opened
    await soon(() => expect(opened.lastEventId).toBe('101-0'))
    expect(server.last.headers['last-event-id']).toBe('100-0')
  })

  it('does nothing on a server', async () => {
    environmentManager.setIsServer(() => true)
    try {
      stream = live(client, { url })
      await pause(50)
      expect([stream.status, server.visits.length]).toEqual(['stopped', 0])
    } finally {
      environmentManager.setIsServer(() => false)
    }
  })
})

describe('an invalidation', () => {
  it('fetches what is on screen again and marks the rest, and leaves what it does not match', async () => {
    const [shown, other] = [await watched(queryKeys.kpis('ws1')), await watched(queryKeys.kpis('ws2'))]
    client.setQueryData(queryKeys.executive('ws1', '7d'), {} as never)
    await connected()
    server.invalidate(['exec:*:ws1:*', 'exec:kpis:ws1'], 'agent_run_completed')
    await soon(() => expect(shown.fetches).toBe(2))
    expect(client.getQueryState(queryKeys.executive('ws1', '7d'))!.isInvalidated).toBe(true)
    expect([other.fetches, other.state.isInvalidated]).toEqual([1, false])
  })

  it('reaches keys that no schema made', async () => {
    const shown = await watched(['todos', 'ws1', 7])
    await connected()
    server.invalidate(['todos:ws1:*'])
    await soon(() => expect(shown.fetches).toBe(2))
  })

  it('is told to who asks, with its reason', async () => {
    const events: LiveInvalidation[] = []
    const opened = await connected({ onInvalidate: (event) => events.push(event) })
    server.invalidate(['exec:kpis:ws1'], 'credit_transaction')
    await soon(() => expect(events).toEqual([{ id: '101-0', patterns: ['exec:kpis:ws1'], reason: 'credit_transaction' }]))
    expect(opened.lastEventId).toBe('101-0')
  })

  it('makes another fetch follow the one under way, whose answer may be older', async () => {
    const answers: Array<(data: string) => void> = []
    const queryKey = queryKeys.kpis('ws1')
    const queryFn = () => new Promise<never>((resolve) => answers.push(resolve as never))
    cleanups.push(new QueryObserver(client, { queryKey, queryFn }).subscribe(() => {}))
    const done = vi.fn()
    await connected({ onInvalidate: done })
    server.invalidate(['exec:kpis:ws1'])
    await soon(() => expect(done).toHaveBeenCalled())
    expect(answers).toHaveLength(1)
    answers[0]!('old')
    await soon(() => expect(answers).toHaveLength(2))
    expect(client.getQueryState(queryKey)!.isInvalidated).toBe(true)
    answers[1]!('new')
    await soon(() => expect(client.getQueryState(queryKey)).toMatchObject({ data: 'new', isInvalidated: false, fetchStatus: 'idle' }))
    expect(answers).toHaveLength(2)
  })

  it('that is one of a hundred costs no hundred fetches', async () => {
    const shown = await watched(queryKeys.kpis('ws1'))
    const done = vi.fn()
    await connected({ onInvalidate: done })
    for (let i = 0; i < 100; i++) server.invalidate(['exec:kpis:ws1'])
    await soon(() => expect(done).toHaveBeenCalledTimes(100))
    await pause(250)
    expect(shown.fetches).toBeGreaterThan(1)
    expect(shown.fetches).toBeLessThanOrEqual(4)
    expect(shown.state.isInvalidated).toBe(false)
  })

  it('that matches one query by two patterns fetches it once', async () => {
    const shown = await watched(queryKeys.kpis('ws1'))
    await connected()
    server.invalidate(['exec:kpis:ws1', 'exec:*:ws1', 'exec:*'])
    await pause(200)
    expect(shown.fetches).toBe(2)
  })

  it('that cannot be read may mean anything', async () => {
    const shown = await watched(queryKeys.kpis('ws1'))
    await connected()
    for (const data of ['nonsense', '{"patterns":"exec:*"}', '{"patterns":["exec:[a]"]}']) {
      const before = shown.fetches
      server.last.write(`event: invalidate\ndata: ${data}\n\n`)
      await soon(() => expect(shown.fetches).toBe(before + 1))
      await pause(120)
    }
  })

  it('waits for a hidden page to be seen', async () => {
    const shown = await watched(queryKeys.kpis('ws1'))
    await connected()
    focusManager.setFocused(false)
    server.invalidate(['exec:*'])
    await soon(() => expect(shown.state.isInvalidated).toBe(true))
    await pause(50)
    expect(shown.fetches).toBe(1)
    focusManager.setFocused(true)
    await soon(() => expect(shown.fetches).toBe(2))
  })
})

describe('frames', () => {
  const text = 'id: 9-1\r\nevent: invalidate\r\ndata: {"patterns":["exec:kpis:Zürich-🏔"],\r\ndata: "reason":"x"}\r\n\r\n: beat\r\n\r\n'

  it('may be cut anywhere', async () => {
    const bytes = new TextEncoder().encode(text)
    const shown = await watched(queryKeys.kpis('Zürich-🏔'))
    const opened = await connected()
    for (let cut = 1; cut < bytes.length; cut += 7) {
      const before = shown.fetches
      server.last.write(bytes.slice(0, cut))
      await pause(5)
      server.last.write(bytes.slice(cut))
      await soon(() => expect(shown.fetches).toBe(before + 1))
      // What comes within a tenth of a second is gathered.
      await pause(101)
    }
    expect(opened.lastEventId).toBe('9-1')
  }, 20_000)

  it('may come byte by byte', async () => {
    const shown = await watched(queryKeys.kpis('Zürich-🏔'))
    await connected()
    for (const byte of new TextEncoder().encode(text)) {
      server.last.write(Uint8Array.of(byte))
      await pause(0)
    }
    await soon(() => expect(shown.fetches).toBe(2))
  })

  it('of kinds and with fields that are not known are passed over', async () => {
    const shown = await watched(queryKeys.kpis('ws1'))
    const opened = await connected()
    server.last.write('event: weather\ncolour: blue\ndata: {}\n\ndata\n\nnonsense\n\n')
    server.invalidate(['exec:*'])
    await soon(() => expect(shown.fetches).toBe(2))
    expect([opened.status, server.visits.length]).toEqual(['open', 1])
  })

  it('that only move the place on are resumed from', async () => {
    const opened = await connected()
    server.last.write(': beat\nid: 140-0\nevent: beat\ndata\n\n')
    await soon(() => expect(opened.lastEventId).toBe('140-0'))
  })

  it('that never end do not fill the memory', async () => {
    const opened = await connected()
    server.last.write('data: ' + 'x'.repeat(2 << 20))
    await soon(() => expect(opened.error?.code).toBe('E_LIVE_NETWORK'))
  })
})

describe('what may have been missed', () => {
  it('before the first greeting is fetched again, if the server did not look back', async () => {
    server.greeting = { heartbeat_ms: 15_000 }
    const [shown, own] = [await watched(queryKeys.kpis('ws1')), await watched(['todos'])]
    await connected()
    await soon(() => expect(shown.fetches).toBe(2))
    expect(own.fetches).toBe(1)
  })

  it('is not fetched again if it did', async () => {
    const shown = await watched(queryKeys.kpis('ws1'))
    await connected()
    await pause(50)
    expect(shown.fetches).toBe(1)
  })

  it('during a break is told when the stream is resumed', async () => {
    const shown = await watched(queryKeys.kpis('ws1'))
    const opened = await connected()
    server.last.break()
    await soon(() => expect(opened.status).toBe('waiting'))
    server.invalidate(['exec:kpis:ws1'])
    await pause(50)
    expect(shown.fetches).toBe(1)
    await soon(() => expect(shown.fetches).toBe(2))
    expect(server.last.headers['last-event-id']).toBe('100-0')
    expect(server.last.url).not.toContain('look_back_ms')
    expect(opened.lastEventId).toBe('101-0')
  })

  it('is not skipped when the connection breaks between the greeting and what was missed', async () => {
    const shown = await watched(queryKeys.kpis('ws1'))
    const opened = await connected()
    server.last.write('retry: 10\n\n')
    server.mute = true
    server.last.break()
    server.invalidate(['exec:kpis:ws1'])
    await soon(() => expect(server.visits).toHaveLength(2))
    server.last.write('id: 101-0\nevent: hello\ndata: {"heartbeat_ms":15000}\n\n')
    await soon(() => expect(opened.status).toBe('open'))
    server.mute = false
    server.last.break()
    await soon(() => expect(shown.fetches).toBe(2))
    expect(server.last.headers['last-event-id']).toBe('100-0')
  })

  it('is everything that is covered, if the server says that it cannot know', async () => {
    const [shown, own] = [await watched(queryKeys.kpis('ws1')), await watched(['todos'])]
    client.setQueryData(queryKeys.executive('ws1', '7d'), {} as never)
    const opened = await connected()
    server.reachesBackTo = 150
    server.last.break()
    await soon(() => expect(shown.fetches).toBe(2))
    expect(client.getQueryState(queryKeys.executive('ws1', '7d'))!.isInvalidated).toBe(true)
    expect(own.fetches).toBe(1)
    expect(opened.status).toBe('open')
  })

  it('concerns what the application says is covered', async () => {
    const own = await watched(['todos', 1])
    await connected({ covers: ({ queryKey }) => queryKey[0] === 'todos' })
    server.last.write('event: reset\ndata: {"why":"x"}\n\n')
    await soon(() => expect(own.fetches).toBe(2))
  })
})

describe('a connection that is lost', () => {
  it('is told, and made again when the server is back', async () => {
    const errors: LiveError[] = []
    const opened = await connected({ onError: (error) => errors.push(error) })
    server.last.write('retry: 20\n\n')
    await pause(20)
    await server.kill()
    await soon(() => expect(errors.length).toBeGreaterThan(1))
    expect(errors[0]).toMatchObject({ code: 'E_LIVE_NETWORK', retryable: true, url })
    expect(opened.error).toBe(errors.at(-1))
    await server.start()
    await soon(() => expect(opened.status).toBe('open'))
    expect(opened.error).toBeUndefined()
  })

  it('is one that is silent for longer than two heart-beats', async () => {
    server.greeting = { heartbeat_ms: 60, looked_back: true }
    const errors: LiveError[] = []
    const opened = await connected({ onError: (error) => errors.push(error) })
    for (let i = 0; i < 10; i++) {
      server.last.write(': beat\n\n')
      await pause(40)
    }
    expect([opened.status, errors]).toEqual(['open', []])
    await soon(() => expect(errors[0]?.code).toBe('E_LIVE_SILENCE'))
    await soon(() => expect(server.visits.length).toBe(2))
    await soon(() => expect(server.visits[0]!.closed).toBe(true))
  })

  it('that the server ended in an orderly way is no error', async () => {
    const onError = vi.fn()
    const opened = await connected({ onError })
    server.last.end()
    await soon(() => expect(opened.status).toBe('waiting'))
    await soon(() => expect(opened.status).toBe('open'))
    expect(onError).not.toHaveBeenCalled()
  })

  it('is made again at the next address', async () => {
    const second = new StreamServer()
    const other = await second.start()
    try {
      const opened = await connected({ url: [url, other] })
      server.last.write('retry: 10\n\n')
      await pause(20)
      await server.kill()
      await soon(() => expect(second.visits).toHaveLength(1))
      await soon(() => expect(opened.status).toBe('open'))
      expect(second.last.headers['last-event-id']).toBe('100-0')
    } finally {
      stream!.stop()
      await second.kill()
    }
  })

  it('waits for the network', async () => {
    const opened = await connected()
    server.last.write('retry: 10\n\n')
    await pause(20)
    onlineManager.setOnline(false)
    server.last.break()
    await soon(() => expect(opened.status).toBe('waiting'))
    await pause(50)
    expect(server.visits).toHaveLength(1)
    onlineManager.setOnline(true)
    await soon(() => expect(opened.status).toBe('open'))
  })
})

describe('a refusal', () => {
  it('of the token stops it, with an error that says so', async () => {
    server.token = 'right'
    const errors: LiveError[] = []
    stream = live(client, { url, token: 'wrong', onError: (error) => errors.push(error) })
    await soon(() => expect(stream!.status).toBe('stopped'))
    expect(errors).toHaveLength(1)
    expect(errors[0]).toMatchObject({ name: 'LiveError', code: 'E_LIVE_UNAUTHORIZED', status: 401, retryable: false })
    expect(stream.error).toBe(errors[0])
    await pause(50)
    expect(server.visits).toHaveLength(1)
  })

  it('of what it asks for stops it too', async () => {
    server.status = 403
    stream = live(client, { url, token: () => 'any' })
    await soon(() => expect(stream!.error?.code).toBe('E_LIVE_FORBIDDEN'))
    expect(stream.status).toBe('stopped')
  })

  it('of an old token makes it ask for a new one', async () => {
    server.token = 'new'
    const token = vi.fn(({ renew }: { renew: boolean }) => Promise.resolve(renew ? 'new' : 'old'))
    await connected({ token })
    expect(token.mock.calls).toEqual([[{ renew: false }], [{ renew: true }]])
  })

  it('that may pass is tried again', async () => {
    server.status = 503
    const errors: LiveError[] = []
    stream = live(client, { url, onError: (error) => errors.push(error) })
    await soon(() => expect(errors[0]).toMatchObject({ code: 'E_LIVE_REFUSED', status: 503, retryable: true }))
    server.status = 200
    await soon(() => expect(stream!.status).toBe('open'))
  })

  it('is a page that is no stream', async () => {
    server.answerHeaders = { 'content-type': 'text/html' }
    stream = live(client, { url })
    await soon(() => expect(stream!.error).toMatchObject({ code: 'E_LIVE_NO_STREAM', status: 200 }))
    expect(stream.status).toBe('waiting')
  })

  it('to give a token is tried again', async () => {
    const token = vi.fn(() => Promise.resolve('t')).mockRejectedValueOnce(new Error('away'))
    stream = live(client, { url, token })
    await soon(() => expect(stream!.error).toMatchObject({ code: 'E_LIVE_NETWORK', cause: new Error('away') }))
    await soon(() => expect(stream!.status).toBe('open'))
  })
})

describe('polling', () => {
  it('rests while the stream is open, goes on when it is lost, and rests again', async () => {
    const shown = await watched(queryKeys.kpis('ws1'), { refetchInterval: 20 })
    await soon(() => expect(shown.fetches).toBeGreaterThan(2))
    const opened = await connected()
    await pause(30)
    let before = shown.fetches
    await pause(200)
    expect(shown.fetches).toBe(before)
    server.last.break()
    await soon(() => expect(opened.status).toBe('waiting'))
    before = shown.fetches
    await soon(() => expect(shown.fetches).toBeGreaterThan(before + 2))
    await soon(() => expect(opened.status).toBe('open'))
    await pause(30)
    before = shown.fetches
    await pause(200)
    expect(shown.fetches).toBe(before)
  })

  it('rests for queries that come later too, and not for those that the stream does not cover', async () => {
    await connected()
    const covered = await watched(queryKeys.kpis('ws1'), { refetchInterval: 20 })
    const own = await watched(['todos'], { refetchInterval: 20 })
    await soon(() => expect(own.fetches).toBeGreaterThan(5))
    expect(covered.fetches).toBe(1)
  })

  it('goes on when the stream is stopped', async () => {
    const shown = await watched(queryKeys.kpis('ws1'), { refetchInterval: 20 })
    const opened = await connected()
    opened.stop()
    const before = shown.fetches
    await soon(() => expect(shown.fetches).toBeGreaterThan(before + 2))
  })
})

describe("a user's function that throws", () => {
  it('is told as nobody caught it, and does not end the connection', async () => {
    const uncaught: unknown[] = []
    const listen = (error: unknown) => uncaught.push(error)
    const others = process.listeners('unhandledRejection')
    process.removeAllListeners('unhandledRejection')
    process.on('unhandledRejection', listen)
    cleanups.push(() => {
      process.off('unhandledRejection', listen)
      for (const other of others) process.on('unhandledRejection', other)
    })
    const shown = await watched(queryKeys.kpis('ws1'))
    const fault = new Error('mine')
    const opened = await connected({
      onInvalidate: () => {
        throw fault
      },
    })
    server.invalidate(['exec:*'])
    await soon(() => expect(shown.fetches).toBe(2))
    await soon(() => expect(uncaught).toEqual([fault]))
    expect([opened.status, server.visits.length]).toEqual(['open', 1])
  })

  it('may stop the stream from within', async () => {
    const opened = await connected({ onInvalidate: () => opened.stop() })
    server.invalidate(['exec:*'])
    await soon(() => expect(opened.status).toBe('stopped'))
    await soon(() => expect(server.open).toHaveLength(0))
  })
})
