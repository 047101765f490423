import { SamekeyError } from './samekeyError'
import type { QueryKey } from './types'

/** What went wrong with a built-in fetch; the codes are Rust's. */
export type HttpErrorCode =
  /** The answer is no success: see `status` and `body`. */
  | 'E_HTTP_STATUS'
  /** No answer in the time that `configureFetch` allows. */
  | 'E_HTTP_TIMEOUT'
  /** No answer: no network, no server, or an origin that does not allow it. */
  | 'E_HTTP_NETWORK'
  /** A success that is no JSON. */
  | 'E_HTTP_BODY'
  /** Nobody wanted the answer any more. */
  | 'E_HTTP_ABORTED'
  /** What was asked for makes no request; `body` says why. Outside a page, without `baseUrl`, a path alone does not. */
  | 'E_HTTP_OPTIONS'

/** How a request failed, as Rust tells it. */
export interface HttpProblem {
  code: HttpErrorCode
  retryable: boolean
  status?: number | undefined
  body?: unknown
  cause?: unknown
}

/** A built-in fetch that failed. */
export class HttpError extends SamekeyError {
  declare readonly code: HttpErrorCode
  /** The status of an answer that came; else `undefined`. */
  readonly status: number | undefined
  /** The body of an answer that is no success: parsed if it is JSON, else its text. */
  readonly body: unknown
  /** Where to. */
  readonly url: string
  /** Whether the same request may succeed later. Queries with no `retry` of their own are not retried else. */
  override readonly retryable: boolean

  constructor(problem: HttpProblem, url: string, queryKey?: QueryKey) {
    const { code, status, body, cause, retryable } = problem
    super(code, {
      ...(queryKey ? { queryKey } : {}),
      ...(cause === undefined ? {} : { cause }),
      meaning: [status, reasonOf(body) ?? reasonOf(cause)].filter((part) => part !== undefined).join(', ') || url,
    })
    this.name = 'HttpError'
    this.status = status
    this.body = body
    this.url = url
    this.retryable = retryable
  }
}

/** What a server's problem or a browser's error says for people. */
function reasonOf(body: unknown): string | undefined {
  if (typeof body === 'string') return body.slice(0, 200) || undefined
  const message = (body as { message?: unknown } | null | undefined)?.message
  return typeof message === 'string' ? message : undefined
}
