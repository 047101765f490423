/**
 * The built-in fetch: a typed key's data from its family's endpoint.
 *
 * A chunk of its own, reached only by `import()` from `core/familyDefaults.ts`: an application that brings its own query
 * functions never downloads it. Requests, timeouts and the reading of headers are Rust's (src/client/fetch); here is
 * what belongs to the cache.
 */
import { fetchSettings } from '../core/fetchSettings'
import { HttpError, type HttpErrorCode } from '../core/httpError'
import { noteReply, replyOf } from '../core/reply'
import { typedKeyFacts, type TypedQueryKey } from '../core/typedKey'
import type { QueryFunctionContext } from '../core/types'
import { fillEndpoint, skippingCache } from './endpoint'
import { requestClass } from './load'

/** A good answer, as Rust gives it. `unchanged`: the data is what is there already; `data` is then undefined. */
type Answer = [unchanged: boolean, data: unknown, etag?: string, bodyHash?: number, maxAgeSeconds?: number]

/** A bad one. */
type Problem = [HttpErrorCode, retryable: boolean, status: number | undefined, body: unknown, cause: unknown]

const TIMEOUT = 30_000

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
  const headers = new Headers(typeof given === 'function' ? await given() : given)
  // Last, because the data may have changed while the above was awaited.
  const queryCache = context.client.getQueryCache()
  const cached = queryCache.get(queryHash)?.state.data
  // The node that answers may not be the one that tells: it has to have heard what this page has.
  const heard = queryCache.lastEventId?.(url)
  if (heard) headers.set('Last-Event-ID', heard)
  const known = replyOf(cached, queryHash)
  const JsonRequest = requestClass()
  const request = new JsonRequest(known?.etag, known?.bodyHash ?? NaN, settings.timeout ?? TIMEOUT, context.signal)
  try {
    const response = await (request.send(url, headers, settings.includeCredentials ?? false) as Promise<Response>)
    const body = await (request.receive(response) as Promise<ArrayBuffer> | undefined)
    const [unchanged, fresh, etag, bodyHash, maxAge] = request.answer(body) as Answer
    const data = (unchanged ? cached : fresh) as TData
    noteReply(data, { queryHash, etag, bodyHash, freshFor: maxAge === undefined ? undefined : maxAge * 1000 })
    return data
  } catch (thrown) {
    const [code, retryable, status, reason, cause] = (Array.isArray(thrown) ? thrown : request.problem(thrown)) as Problem
    throw new HttpError({ code, retryable, status, body: reason, cause }, url, key)
  } finally {
    request.free()
  }
}
