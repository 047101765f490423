// @vitest-environment node
import { describe, expect, it, vi } from 'vitest'
import { environmentManager, onlineManager } from 'samekey'
import { live, type LiveError, type LiveInvalidation } from 'samekey/live'
import { StreamServer } from '../streamServer'
import { Page, pause, soon } from './page'

const page = new Page()

describe('connecting', () => {
  it('greets the server with its token, and says how far back its data goes', async () => {
    const opened = await page.connected({ token: 'secret', headers: { 'X-Tenant': 'a' } })
    const { headers, url: asked } = page.server.last
    expect(headers).toMatchObject({ authorization: 'Bearer secret', accept: 'text/event-stream', 'x-tenant': 'a' })
    expect(Number(/look_back_ms=(\d+)/.exec(asked)![1])).toBeGreaterThanOrEqual(1_000)
    expect(opened.lastEventId).toBe('100-0')
  })

  it('tells who listens how it stands', async () => {
    const seen: string[] = []
    page.stream = live(page.client, { url: page.url })
    expect(page.stream.status).toBe('connecting')
    page.stream.subscribe(() => seen.push(page.stream!.status))
    await soon(() => expect(seen).toEqual(['open']))
    page.stream.stop()
    expect(seen).toEqual(['open', 'stopped'])
  })

  it('hangs up when it is stopped, and resumes when it is started again', async () => {
    const opened = await page.connected()
    opened.stop()
    await soon(() => expect(page.server.open).toHaveLength(0))
    page.server.invalidate(['a:*'])
    const events: LiveInvalidation[] = []
    page.stream = live(page.client, { url: page.url, onInvalidate: (event) => events.push(event) })
    page.stream.stop()
    opened.start()
    page.stream = opened
    await soon(() => expect(opened.lastEventId).toBe('101-0'))
    expect(page.server.last.headers['last-event-id']).toBe('100-0')
  })

  it('does nothing on a server', async () => {
    environmentManager.setIsServer(() => true)
    try {
      page.stream = live(page.client, { url: page.url })
      await pause(50)
      expect([page.stream.status, page.server.visits.length]).toEqual(['stopped', 0])
    } finally {
      environmentManager.setIsServer(() => false)
    }
  })
})

describe('a connection that is lost', () => {
  it('is told, and made again when the server is back', async () => {
    const errors: LiveError[] = []
    const opened = await page.connected({ onError: (error) => errors.push(error) })
    page.server.last.write('retry: 20\n\n')
    await pause(20)
    await page.server.kill()
    await soon(() => expect(errors.length).toBeGreaterThan(1))
    expect(errors[0]).toMatchObject({ code: 'E_LIVE_NETWORK', retryable: true, url: page.url })
    expect(opened.error).toBe(errors.at(-1))
    await page.server.start()
    await soon(() => expect(opened.status).toBe('open'))
    expect(opened.error).toBeUndefined()
  })

  it('is one that is silent for longer than two heart-beats', async () => {
    // Its clock stands while the network, which is real, takes its time.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
    page.cleanups.push(() => vi.useRealTimers())
    const until = async (check: () => boolean) => {
      while (!check()) await new Promise((resolve) => setImmediate(resolve))
    }
    page.server.greeting = { heartbeat_ms: 60, looked_back: true }
    const errors: LiveError[] = []
    const opened = await page.connected({ onError: (error) => errors.push(error) })
    const { calls: chunks } = vi.spyOn(TextDecoder.prototype, 'decode').mock
    for (let i = 0; i < 10; i++) {
      const before = chunks.length
      page.server.last.write(': beat\n\n')
      await until(() => chunks.length > before)
      await vi.advanceTimersByTimeAsync(140)
    }
    expect([opened.status, errors]).toEqual(['open', []])
    await vi.advanceTimersByTimeAsync(20)
    expect(errors[0]?.code).toBe('E_LIVE_SILENCE')
    await until(() => page.server.visits[0]!.closed)
    await vi.advanceTimersByTimeAsync(1_000)
    await until(() => page.server.visits.length === 2)
  })

  it('that the server ended in an orderly way is no error', async () => {
    const onError = vi.fn()
    const opened = await page.connected({ onError })
    page.server.last.end()
    await soon(() => expect(opened.status).toBe('waiting'))
    await soon(() => expect(opened.status).toBe('open'))
    expect(onError).not.toHaveBeenCalled()
  })

  it('is made again at the next address', async () => {
    const second = new StreamServer()
    const other = await second.start()
    try {
      const opened = await page.connected({ url: [page.url, other] })
      page.server.last.write('retry: 10\n\n')
      await pause(20)
      await page.server.kill()
      await soon(() => expect(second.visits).toHaveLength(1))
      await soon(() => expect(opened.status).toBe('open'))
      expect(second.last.headers['last-event-id']).toBe('100-0')
    } finally {
      page.stream!.stop()
      await second.kill()
    }
  })

  it('waits for the network', async () => {
    const opened = await page.connected()
    page.server.last.write('retry: 10\n\n')
    await pause(20)
    onlineManager.setOnline(false)
    page.server.last.break()
    await soon(() => expect(opened.status).toBe('waiting'))
    await pause(50)
    expect(page.server.visits).toHaveLength(1)
    onlineManager.setOnline(true)
    await soon(() => expect(opened.status).toBe('open'))
  })
})

describe('a refusal', () => {
  it('of the token stops it, with an error that says so', async () => {
    page.server.token = 'right'
    const errors: LiveError[] = []
    page.stream = live(page.client, { url: page.url, token: 'wrong', onError: (error) => errors.push(error) })
    await soon(() => expect(page.stream!.status).toBe('stopped'))
    expect(errors).toHaveLength(1)
    expect(errors[0]).toMatchObject({ name: 'LiveError', code: 'E_LIVE_UNAUTHORIZED', status: 401, retryable: false })
    expect(page.stream.error).toBe(errors[0])
    await pause(50)
    expect(page.server.visits).toHaveLength(1)
  })

  it('of what it asks for stops it too', async () => {
    page.server.status = 403
    page.stream = live(page.client, { url: page.url, token: () => 'any' })
    await soon(() => expect(page.stream!.error?.code).toBe('E_LIVE_FORBIDDEN'))
    expect(page.stream.status).toBe('stopped')
  })

  it('of an old token makes it ask for a new one', async () => {
    page.server.token = 'new'
    const token = vi.fn(({ renew }: { renew: boolean }) => Promise.resolve(renew ? 'new' : 'old'))
    await page.connected({ token })
    expect(token.mock.calls).toEqual([[{ renew: false }], [{ renew: true }]])
  })

  it('that may pass is tried again', async () => {
    page.server.status = 503
    const errors: LiveError[] = []
    page.stream = live(page.client, { url: page.url, onError: (error) => errors.push(error) })
    await soon(() => expect(errors[0]).toMatchObject({ code: 'E_LIVE_REFUSED', status: 503, retryable: true }))
    page.server.status = 200
    await soon(() => expect(page.stream!.status).toBe('open'))
  })

  it('is a page that is no stream', async () => {
    page.server.answerHeaders = { 'content-type': 'text/html' }
    page.stream = live(page.client, { url: page.url })
    await soon(() => expect(page.stream!.error).toMatchObject({ code: 'E_LIVE_NO_STREAM', status: 200 }))
    expect(page.stream.status).toBe('waiting')
  })

  it('to give a token is tried again', async () => {
    const token = vi.fn(() => Promise.resolve('t')).mockRejectedValueOnce(new Error('away'))
    page.stream = live(page.client, { url: page.url, token })
    await soon(() => expect(page.stream!.error).toMatchObject({ code: 'E_LIVE_NETWORK', cause: new Error('away') }))
    await soon(() => expect(page.stream!.status).toBe('open'))
  })
})
