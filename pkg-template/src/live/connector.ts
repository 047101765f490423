import { LinkAct, LinkFaultCode, LinkPlace } from '../border/liveWire'
import { audienceOf } from './audience'
import { readEventStream, type EventStreamHost } from './eventStream'
import { readGreeting } from './frames'
import type { Hearing, Tell } from './hearing'
import type { LiveOptions } from './options'
import type { Relay } from './relay'
import type { Frame } from './tabs'

/** One attempt, at the server or at a place among the tabs, and what came of it. */
interface Attempt extends AbortController {
  url?: string
  /** Since when it asked to be told, if it resumed from no id. */
  toldSince?: number
  status?: number
  cause?: unknown
}

/** Makes the attempts, one at a time, when the link says so. */
export class Connector {
  readonly #options: LiveOptions
  readonly #tell: Tell
  readonly #hearing: Hearing
  readonly #relay: Relay | undefined
  readonly #lookBack: () => number
  #attempt: Attempt | undefined
  #attempts = 0
  /** The token of the attempt before, if this one follows at once: what says among whom we are is what is sent. */
  #fresh: { token: string | undefined } | undefined

  /** `lookBack`: how far back a first connection has to look (ms). */
  constructor(options: LiveOptions, tell: Tell, hearing: Hearing, relay: Relay | undefined, lookBack: () => number) {
    this.#options = options
    this.#tell = tell
    this.#hearing = hearing
    this.#relay = relay
    this.#lookBack = lookBack
  }

  /** The attempt that goes on, and what is known of it. */
  get attempt(): Readonly<Attempt> | undefined {
    return this.#attempt
  }

  hangUp(): void {
    const attempt = this.#attempt
    this.#attempt = undefined
    attempt?.abort()
  }

  /** Takes a place among the tabs that would hear the same. */
  enter(): void {
    void this.#try(async (attempt) => {
      const token = await this.#askToken(false)
      const audience = await audienceOf(this.#options, token)
      if (this.#attempt !== attempt) return
      this.#fresh = { token }
      this.#relay?.enter(audience)
    })
  }

  /** Connects to the server. `renew`: the token was refused. */
  connect(renew: boolean): void {
    void this.#try(async (attempt, tell) => {
      const token = await this.#askToken(renew)
      const audience = this.#relay?.tabs.name
      if (audience && (await audienceOf(this.#options, token)) !== audience) {
        // Another caller's, who may hear what those who follow us may not.
        this.#fresh = { token }
        tell(LinkAct.Deposed)
        return
      }
      if (this.#attempt !== attempt) return
      const { headers: more, includeCredentials } = this.#options
      const headers = new Headers(more)
      headers.set('Accept', 'text/event-stream')
      if (token) headers.set('Authorization', `Bearer ${token}`)
      const resumedFrom = this.#hearing.lastEventId
      if (resumedFrom) headers.set('Last-Event-ID', resumedFrom)
      const init: RequestInit = { headers, signal: attempt.signal }
      if (includeCredentials) init.credentials = 'include'
      await readEventStream(this.#addressOf(attempt, resumedFrom), init, this.#host(attempt, tell, resumedFrom))
      tell(LinkAct.Ended)
    })
  }

  /** The attempt has come to something. */
  settled(): void {
    // Later it may have expired.
    this.#fresh = undefined
  }

  async #try(steps: (attempt: Attempt, tell: Tell) => Promise<unknown>): Promise<void> {
    const attempt: Attempt = new AbortController()
    this.#attempt = attempt
    const { url } = this.#options
    attempt.url = typeof url === 'string' ? url : url[this.#attempts % url.length]!
    // Of an attempt that was given up nothing is told any more.
    const tell: Tell = (...what) => (this.#attempt === attempt ? this.#tell(...what) : 0)
    try {
      await steps(attempt, tell)
    } catch (cause) {
      attempt.cause = cause
      tell(LinkAct.Ended, LinkFaultCode.Network)
    }
  }

  async #askToken(renew: boolean): Promise<string | undefined> {
    const fresh = this.#fresh
    this.#fresh = undefined
    const { token } = this.#options
    if (typeof token !== 'function') return token
    return fresh && !renew ? fresh.token : token({ renew })
  }

  /** The first connection says how far back it wants to be told: there is data already that was true then. */
  #addressOf(attempt: Attempt, resumedFrom: string | undefined): string {
    this.#attempts++
    const url = attempt.url!
    if (resumedFrom) return url
    const lookBack = Math.ceil(this.#lookBack())
    attempt.toldSince = Date.now() - lookBack
    return `${url}${url.includes('?') ? '&' : '?'}look_back_ms=${lookBack}`
  }

  #host(attempt: Attempt, tell: Tell, resumedFrom: string | undefined): EventStreamHost {
    return {
      onAnswer: (status, isStream, restFor) => {
        attempt.status = status
        tell(isStream || status !== 200 ? LinkAct.Answered : LinkAct.NoStream, status, restFor)
        // What ends the connection from here on is no answer's fault.
        if (isStream) delete attempt.status
      },
      onBytes: () => {
        tell(LinkAct.Heard)
        if (this.#attempt === attempt) this.#relay?.lives()
      },
      onRetry: (millis) => tell(LinkAct.RetryAfter, millis),
      onFrame: (frame) => {
        if (this.#attempt !== attempt) return
        if (frame.event === 'hello') return this.#greet(frame, attempt, resumedFrom)
        this.#relay?.pass(frame)
        this.#hearing.take(frame)
      },
    }
  }

  #greet({ id, data }: Frame, { toldSince }: Attempt, resumedFrom: string | undefined): void {
    const { heartbeat, lookedBack } = readGreeting(data)
    this.#relay?.greeted(heartbeat)
    if (resumedFrom) this.#hearing.see(id)
    else this.#hearing.begin(id, lookedBack ? toldSince! : Date.now())
    this.#tell(LinkAct.Greeted, heartbeat, resumedFrom ? LinkPlace.LastId : lookedBack ? LinkPlace.LookBack : LinkPlace.Now)
    if (lookedBack && !resumedFrom) this.#hearing.caughtUp(toldSince!)
  }
}
