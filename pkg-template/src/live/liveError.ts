import { SamekeyError } from '../core/samekeyError'

/** What went wrong with a stream. */
export type LiveErrorCode =
  /** The request failed, the connection broke, or the token could not be got. */
  | 'E_LIVE_NETWORK'
  /** Nothing was heard for longer than two heart-beats. */
  | 'E_LIVE_SILENCE'
  /** The server answered with a status that may pass: see `status`. */
  | 'E_LIVE_REFUSED'
  /** The answer was no stream of events: another server answers at this address. */
  | 'E_LIVE_NO_STREAM'
  /** 401: the token is missing or has expired. The stream stops. */
  | 'E_LIVE_UNAUTHORIZED'
  /** 403: the token does not allow it. The stream stops. */
  | 'E_LIVE_FORBIDDEN'

/** How a stream failed. */
export interface LiveProblem {
  code: LiveErrorCode
  url: string
  status?: number | undefined
  cause?: unknown
}

/** A stream that failed. One that may pass is tried again by itself. */
export class LiveError extends SamekeyError {
  declare readonly code: LiveErrorCode
  /** The status of an answer that came; else `undefined`. */
  readonly status: number | undefined
  /** Where to. */
  readonly url: string
  /** Whether it is tried again; if not, the stream has stopped. */
  override readonly retryable: boolean

  constructor({ code, url, status, cause }: LiveProblem) {
    super(code, { meaning: status === undefined ? url : `${status}, ${url}`, ...(cause === undefined ? {} : { cause }) })
    this.name = 'LiveError'
    this.status = status
    this.url = url
    this.retryable = code !== 'E_LIVE_UNAUTHORIZED' && code !== 'E_LIVE_FORBIDDEN'
  }
}
