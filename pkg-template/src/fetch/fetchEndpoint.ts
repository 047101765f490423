/**
 * The built-in fetch: a typed key's data from its family's endpoint.
 *
 * A chunk of its own, reached only by `import()` from `core/familyDefaults.ts`: an application that brings its own query
 * functions never downloads it. Requests, timeouts and the reading of headers are Rust's (src/client/fetch); here is
 * what belongs to the cache.
 */
import { fetchSettings } from '../core/fetchSettings'
import { HttpError, type HttpProblem } from '../core/httpError'
import { noteReply, replyOf } from '../core/reply'
import { typedKeyFacts, type TypedQueryKey } from '../core/typedKey'
import type { QueryFunctionContext } from '../core/types'
import { fillEndpoint, skippingCache } from './endpoint'
import { fetchWasm } from './load'

/** A good answer, as Rust gives it. */
interface Answer {
  /** The data is what is there already; `data` is then undefined. */
  unchanged: boolean
  data: unknown
  etag?: string
  hash?: string
  /** Seconds. */
  maxAge?: number
}

const TIMEOUT = 30_000

/** What a timer can wait for. */
const LONGEST = 2 ** 31 - 1

/**
 * Gets the data of a typed key from its endpoint. Where the server says (304), or the body's hash shows, that it has not
 * changed, the result is the very data that is in the cache: nothing is parsed, compared or rendered again.
 *
 * Rejects with an {@link HttpError}.
 */
export async function fetchEndpoint<TData>(
  key: TypedQueryKey<TData>,
  context: Pick<QueryFunctionContext, 'client' | 'signal'>,
  { skipCache = false }: { skipCache?: boolean } = {},
): Promise<TData> {
  const { family, segments, hash: queryHash } = typedKeyFacts(key)!
  const settings = fetchSettings()
  const template = family.endpoint ?? ''
  const refuse = (body: string) => new HttpError({ code: 'E_HTTP_OPTIONS', retryable: false, body }, template, key)
  const path = fillEndpoint(template, segments)
  if (path === undefined) throw refuse('an identifier of dots alone is no part of a path')
  const url = `${settings.baseUrl ?? ''}${skipCache ? skippingCache(path) : path}`
  if (url.startsWith('/') && typeof location === 'undefined') {
    throw refuse('outside a page a path is no address: call `configureFetch({ baseUrl })`')
  }
  const { headers: given } = settings
  const headers = [...new Headers(typeof given === 'function' ? await given() : given)]
  const timeout = settings.timeout ?? TIMEOUT
  // Last, because the data may have changed while the above was awaited.
  const cached = context.client.getQueryCache().get(queryHash)?.state.data
  const known = replyOf(cached, queryHash)
  let answer: Answer
  try {
    answer = (await fetchWasm()(
      {
        url,
        headers,
        // A whole number, for Rust takes no other.
        timeout: Number.isFinite(timeout) ? Math.min(Math.max(0, Math.ceil(timeout)), LONGEST) : undefined,
        etag: known?.etag,
        hash: known?.bodyHash,
        includeCredentials: settings.includeCredentials ?? false,
      },
      context.signal,
    )) as Answer
  } catch (problem) {
    throw isProblem(problem) ? new HttpError(problem, url, key) : problem
  }
  const data = (answer.unchanged ? cached : answer.data) as TData
  noteReply(data, {
    queryHash,
    etag: answer.etag,
    bodyHash: answer.hash,
    freshFor: answer.maxAge === undefined ? undefined : answer.maxAge * 1000,
  })
  return data
}

function isProblem(thrown: unknown): thrown is HttpProblem {
  return typeof (thrown as Partial<HttpProblem> | null)?.code === 'string' && !(thrown instanceof Error)
}
