import type { Query } from '../core/query'
import type { LiveError } from './liveError'

/** How a stream stands. */
export type LiveStatus =
  /** Changes are told, to this tab or by the one that has the connection; polls of what the stream covers rest. */
  | 'open'
  /** A request is under way. */
  | 'connecting'
  /** The next attempt waits for its time, the network or the focus. */
  | 'waiting'
  /** Not running: stopped by hand, or the token was refused. */
  | 'stopped'

/** What a stream said has changed. */
export interface LiveInvalidation {
  /** The server's id of it. */
  id: string | undefined
  /** Patterns of the schema, such as `exec:*:ws123:*`. */
  patterns: readonly string[]
  /** Why: an event's name, or what the server calls it. */
  reason: string | undefined
}

/** What `live` wants to know. */
export interface LiveOptions {
  /** The stream's address; of several, each attempt takes the next. */
  url: string | readonly string[]
  /**
   * Sent as `Authorization: Bearer …`. A function is asked before each attempt; with `renew`, because the token that it
   * gave before was refused.
   */
  token?: string | ((asked: { renew: boolean }) => string | undefined | Promise<string | undefined>)
  /** More headers. */
  headers?: HeadersInit
  /** Whether cookies go to another origin too. @default false */
  includeCredentials?: boolean
  /**
   * Of which queries the stream tells. Those do not poll while it is open, and are fetched again when it may have missed
   * something. @default those with a schema's key
   */
  covers?: (query: Query) => boolean
  /**
   * Whether the tabs of one browser share one connection: one of them has it, and tells those who would hear the same, which
   * is decided by the addresses, the headers and what the token claims. A text names the caller instead, where a token says
   * nothing of him and is new each time, or cookies say who calls. @default true, and false with `includeCredentials`
   */
  shareAcrossTabs?: boolean | string
  /** Told of each invalidation, when it comes. */
  onInvalidate?: (invalidation: LiveInvalidation) => void
  /** Told of each failure. Of one that is `retryable`, nobody needs to do anything. */
  onError?: (error: LiveError) => void
}

/** A stream of invalidations, from `live`. */
export interface Live {
  /** How it stands now. */
  readonly status: LiveStatus
  /** What went wrong last; `undefined` when the stream is open again. */
  readonly error: LiveError | undefined
  /** Where the stream is resumed. */
  readonly lastEventId: string | undefined
  /** Tells a listener when `status` changes; gives the function that ends it. */
  subscribe(listener: () => void): () => void
  /** Connects again after a stop. */
  start(): void
  /** Disconnects. Polls go on. */
  stop(): void
}
