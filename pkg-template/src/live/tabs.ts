import type { EventSourceMessage } from 'eventsource-parser'
import type { LinkFaultCode } from '../border/liveWire'

/** A frame of the stream, as one tab passes it on to others. */
export type Frame = Pick<EventSourceMessage, 'id' | 'event' | 'data'>

/** What tabs say to one another; `told` is the number of the last frame that the leader has passed on. */
export type TabMessage =
  /** Where I am (`last`); or, as long as I have been told nothing, since when I have to be. */
  | { type: 'ask'; last: string | undefined; since: number }
  /** I am connected, and this is what you have missed, if I know it. `last` is where I am. */
  | { type: 'welcome'; to: number; told: number; heartbeat: number; missed: Frame[] | undefined; last: string | undefined }
  /** I am not connected: to the one who asks; or to all, because I have lost it. */
  | { type: 'trying'; to?: number; fault: LinkFaultCode }
  /** I have connected. */
  | { type: 'open' }
  /** I am still here. */
  | { type: 'lives'; told: number }
  | { type: 'frame'; told: number; frame: Frame }

/** What is told of the other tabs. */
export interface TabsHost {
  /** The lock is ours. */
  onElected(): void
  /** It was taken from us. */
  onDeposed(): void
  /** The browser gives no locks here. */
  onLeftAlone(): void
  /** `from` is a tab's `id`. */
  onMessage(message: TabMessage, from: number): void
}

/** A place in the queue for a lock, and the channel of those who are in it. */
interface Place {
  name: string
  channel: BroadcastChannel
  /** Ends the wait in the queue. */
  queue: AbortController
  /** What was asked for last: the lock in its turn, or at once. */
  request?: object
  /** Gives up the lock. */
  release?: () => void
}

/** Whether tabs of this origin can be reached. Locks need a secure context; old browsers and Node 20 have none. */
export function tabsAreReachable(): boolean {
  return typeof BroadcastChannel === 'function' && !!globalThis.navigator?.locks && !!globalThis.crypto?.subtle
}

/** The other tabs, as the browser shows them: a lock that one tab has at a time, and a channel that all hear. */
export class Tabs {
  /** This tab among them. */
  readonly id = Math.random()
  readonly #host: TabsHost
  #place: Place | undefined

  constructor(host: TabsHost) {
    this.#host = host
  }

  /** The name under which we are in the queue or lead. */
  get name(): string | undefined {
    return this.#place?.name
  }

  /** Stands in the queue for the lock of this name. */
  enter(name: string): void {
    this.leave()
    const place: Place = { name, channel: new BroadcastChannel(name), queue: new AbortController() }
    this.#place = place
    place.channel.onmessage = ({ data }: MessageEvent<[TabMessage, number]>) => {
      if (this.#place === place) this.#host.onMessage(...data)
    }
    this.#request(place, { signal: place.queue.signal })
  }

  /** Takes the lock from whoever has it. */
  seize(): void {
    this.#place?.queue.abort()
    if (this.#place) this.#request(this.#place, { steal: true })
  }

  leave(): void {
    const place = this.#place
    this.#place = undefined
    place?.queue.abort()
    place?.release?.()
    place?.channel.close()
  }

  post(message: TabMessage): void {
    this.#place?.channel.postMessage([message, this.id])
  }

  #request(place: Place, options: LockOptions): void {
    const request = (place.request = {})
    // One that was granted while the next was made is given back.
    const isCurrent = () => this.#place === place && place.request === request
    let isOurs = false
    const untilReleased = () => {
      if (!isCurrent()) return undefined
      isOurs = true
      const released = new Promise<void>((resolve) => (place.release = resolve))
      this.#host.onElected()
      return released
    }
    navigator.locks.request(place.name, options, untilReleased).catch(() => {
      if (!isCurrent()) return
      if (isOurs) this.#host.onDeposed()
      else this.#host.onLeftAlone()
    })
  }
}
