import type { EventSourceMessage } from 'eventsource-parser'
import type { LiveLink } from '../border/generated/live.js'
import { LinkAct, LinkFaultCode, LinkPlace, LinkStatusCode, LinkSteps } from '../border/liveWire'
import { focusManager } from '../core/focusManager'
import type { QueryClient } from '../core/queryClient'
import { onlineManager } from '../core/onlineManager'
import { Subscribable } from '../core/subscribable'
import { typedKeyFacts } from '../core/typedKey'
import { Coverage } from './coverage'
import { readEventStream, type EventStreamHost } from './eventStream'
import { readGreeting, readInvalidation } from './frames'
import { LiveError, type LiveErrorCode } from './liveError'
import { newLink } from './load'
import type { Live, LiveOptions, LiveStatus } from './options'

const STATUSES: Record<LinkStatusCode, LiveStatus> = {
  [LinkStatusCode.Stopped]: 'stopped',
  [LinkStatusCode.Connecting]: 'connecting',
  [LinkStatusCode.Open]: 'open',
  [LinkStatusCode.Waiting]: 'waiting',
}

const FAULTS: Record<LinkFaultCode, LiveErrorCode> = {
  [LinkFaultCode.None]: 'E_LIVE_NETWORK',
  [LinkFaultCode.Network]: 'E_LIVE_NETWORK',
  [LinkFaultCode.Silence]: 'E_LIVE_SILENCE',
  [LinkFaultCode.Refused]: 'E_LIVE_REFUSED',
  [LinkFaultCode.NoStream]: 'E_LIVE_NO_STREAM',
  [LinkFaultCode.Unauthorized]: 'E_LIVE_UNAUTHORIZED',
  [LinkFaultCode.Forbidden]: 'E_LIVE_FORBIDDEN',
}

/** One request and what came of it. */
interface Connection extends AbortController {
  url?: string
  /** The id that it was asked to resume from. */
  resumedFrom?: string | undefined
  status?: number
  cause?: unknown
}

/**
 * Connects a client's cache to a stream of invalidations: what the server says has changed is fetched again where it is
 * looked at, and is stale everywhere else. When to connect and what to believe is decided in Rust (src/engine/live).
 */
export function live(queryClient: QueryClient, options: LiveOptions): Live {
  const stream = new InvalidationStream(queryClient, options)
  stream.start()
  return stream
}

class InvalidationStream extends Subscribable<() => void> implements Live {
  readonly #client: QueryClient
  readonly #options: LiveOptions
  readonly #coverage: Coverage
  readonly #gathered = new Set<string>()
  #link: LiveLink | undefined
  #connection: Connection | undefined
  #unsubscribe: (() => void) | undefined
  #attempts = 0
  #status: LiveStatus = 'stopped'
  #error: LiveError | undefined
  /** The newest id that was seen, and the one that may be resumed from. */
  #seenId: string | undefined
  #lastEventId: string | undefined

  constructor(client: QueryClient, options: LiveOptions) {
    super()
    this.#client = client
    this.#options = options
    this.#coverage = new Coverage(client.getQueryCache(), options.covers ?? (({ queryKey }) => typedKeyFacts(queryKey) !== undefined))
  }

  get status(): LiveStatus {
    return this.#status
  }

  get error(): LiveError | undefined {
    return this.#error
  }

  get lastEventId(): string | undefined {
    return this.#lastEventId
  }

  start(): void {
    if (this.#status !== 'stopped') return
    this.stop()
    // What is owed to a page that was hidden is fetched when the client sees the focus.
    this.#client.mount()
    const surroundings = () => this.#tell(LinkAct.Surroundings)
    const ends = [focusManager.subscribe(surroundings), onlineManager.subscribe(surroundings), () => this.#client.unmount()]
    this.#unsubscribe = () => ends.forEach((end) => end())
    this.#link = newLink(() => this.#tell(LinkAct.Wake), typeof this.#options.token === 'function')
    this.#tell(LinkAct.Start)
  }

  stop(): void {
    this.#tell(LinkAct.Stop)
    this.#unsubscribe?.()
    this.#unsubscribe = undefined
    this.#link?.free()
    this.#link = undefined
  }

  /** Tells the link, and takes the steps that follow: those that run the user's code last. */
  #tell(act: LinkAct, detail = 0, extra = 0): void {
    const answer = this.#link?.act(act, detail, extra, Date.now(), this.#client.getQueryCache().engine.environment())
    if (answer === undefined) return
    const has = (step: LinkSteps) => (answer & step) !== 0
    const connection = this.#connection
    this.#status = STATUSES[((answer >>> 16) & 255) as LinkStatusCode]
    if (this.#status === 'open') this.#error = undefined
    if (has(LinkSteps.Disconnect)) {
      this.#connection = undefined
      connection?.abort()
    }
    if (has(LinkSteps.Uncover)) this.#coverage.set(false)
    if (has(LinkSteps.Cover)) this.#coverage.set(true)
    if (has(LinkSteps.Adopt)) this.#lastEventId = this.#seenId
    if (has(LinkSteps.Connect)) void this.#connect(has(LinkSteps.Renew))
    if (has(LinkSteps.Reset)) {
      this.#gathered.clear()
      run(() => this.#coverage.outdateAll())
    }
    if (has(LinkSteps.Apply)) {
      const patterns = [...this.#gathered]
      this.#gathered.clear()
      run(() => this.#coverage.outdateMatching(patterns))
    }
    if (has(LinkSteps.Report)) {
      const { url = '', status, cause } = connection ?? {}
      const error = new LiveError({ code: FAULTS[(answer >>> 24) as LinkFaultCode], url, status, cause })
      this.#error = error
      run(() => this.#options.onError?.(error))
    }
    if (has(LinkSteps.Status)) this.listeners.forEach((listener) => run(listener))
  }

  async #connect(renew: boolean): Promise<void> {
    const connection: Connection = new AbortController()
    this.#connection = connection
    const { url, token, includeCredentials } = this.#options
    const urls = typeof url === 'string' ? [url] : url
    connection.url = urls[this.#attempts++ % urls.length]!
    connection.resumedFrom = this.#lastEventId
    // A connection that was given up is heard no more.
    const tell = (act: LinkAct, detail?: number, extra?: number) => {
      if (this.#connection === connection) this.#tell(act, detail, extra)
    }
    try {
      const headers = new Headers(this.#options.headers)
      headers.set('Accept', 'text/event-stream')
      const bearer = typeof token === 'function' ? await token({ renew }) : token
      if (bearer) headers.set('Authorization', `Bearer ${bearer}`)
      if (connection.resumedFrom) headers.set('Last-Event-ID', connection.resumedFrom)
      if (this.#connection !== connection) return
      const init: RequestInit = { headers, signal: connection.signal }
      if (includeCredentials) init.credentials = 'include'
      await readEventStream(this.#addressOf(connection), init, this.#host(connection, tell))
      tell(LinkAct.Ended)
    } catch (cause) {
      connection.cause = cause
      tell(LinkAct.Ended, 1)
    }
  }

  /** The first connection says how far back it wants to be told: there is data already that was true then. */
  #addressOf({ url, resumedFrom }: Connection): string {
    if (resumedFrom) return url!
    const lookBack = Math.ceil(this.#link!.lookBack(this.#coverage.oldestDataAt(), Date.now()))
    return `${url}${url!.includes('?') ? '&' : '?'}look_back_ms=${lookBack}`
  }

  #host(connection: Connection, tell: (act: LinkAct, detail?: number, extra?: number) => void): EventStreamHost {
    return {
      onAnswer: (status, isStream, restFor) => {
        connection.status = status
        tell(isStream || status !== 200 ? LinkAct.Answered : LinkAct.NoStream, status, restFor)
        // What ends the connection from here on is no answer's fault.
        if (isStream) delete connection.status
      },
      onBytes: () => tell(LinkAct.Heard),
      onRetry: (millis) => tell(LinkAct.RetryAfter, millis),
      onFrame: (frame) => {
        if (this.#connection === connection) this.#read(frame, connection)
      },
    }
  }

  #read({ id, event, data }: EventSourceMessage, { resumedFrom }: Connection): void {
    if (id) this.#seenId = id
    if (event === 'hello') {
      const { heartbeat, lookedBack } = readGreeting(data)
      this.#tell(LinkAct.Greeted, heartbeat, resumedFrom ? LinkPlace.LastId : lookedBack ? LinkPlace.LookBack : LinkPlace.Now)
    } else if (event === 'invalidate') {
      const invalidation = readInvalidation(id, data)
      // Something has changed, and we cannot read what.
      if (!invalidation) return this.#tell(LinkAct.Reset)
      for (const pattern of invalidation.patterns) this.#gathered.add(pattern)
      this.#tell(LinkAct.Invalidated)
      run(() => this.#options.onInvalidate?.(invalidation))
    } else if (event === 'reset') {
      this.#tell(LinkAct.Reset)
    } else if (event === 'beat') {
      this.#tell(LinkAct.MovedOn)
    }
  }
}

/** The user's fault must not end the connection: it is told as a promise's that nobody caught. */
function run(callback: () => void): void {
  try {
    callback()
  } catch (error) {
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- whatever the user threw
    void Promise.reject(error)
  }
}
