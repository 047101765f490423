import type { Engine } from '../border/engine'
import { Act, FailureCode } from '../border/wire'
import { deferred, type Deferred } from './deferred'
import { replaceData } from './replaceData'
import { carryReply } from './reply'
import { SamekeyError } from './samekeyError'
import { skipToken } from './skipToken'
import type { PagesFetch } from './infinitePages'
import type { Query } from './query'
import type { QueryClient } from './queryClient'
import type { CancelOptions, DefaultError, FetchOptions, QueryFunction, QueryFunctionContext, QueryKey, QueryOptions } from './types'

/**
 * One fetch of a query: it runs the attempts and settles the promise of those who wait. When there is an attempt, and
 * whether there is another, is the engine's word.
 */
export class QueryFetch<TQueryFnData, TError, TData, TQueryKey extends QueryKey> {
  /** The engine's name for it. @internal */
  id = -1
  /** What those who wait for it get. */
  readonly outcome: Deferred<TData> = deferred()
  readonly abortController = new AbortController()
  /** What it brings may be as old as that. @internal */
  readonly begunAt = Date.now()
  /** What the last attempt failed with. @internal */
  failure: TError | undefined
  /** How it was cancelled. @internal */
  cancelled: CancelOptions | undefined

  readonly #query: Query<TQueryFnData, TError, TData, TQueryKey>
  readonly #client: QueryClient
  readonly #engine: Engine
  readonly #initialPromise: Promise<TQueryFnData> | undefined
  /** Whether and when to try again: what the options said when the fetch began. */
  readonly #retries: Pick<QueryOptions, 'retry' | 'retryDelay'>
  /** How the pages of an infinite query are fetched. */
  #pages: PagesFetch | undefined
  /** Failed attempts so far. */
  #failureCount = 0
  #attempted = false

  constructor(
    query: Query<TQueryFnData, TError, TData, TQueryKey>,
    client: QueryClient,
    options: FetchOptions<TQueryFnData> | undefined,
  ) {
    this.#query = query
    this.#client = client
    this.#engine = client.getQueryCache().engine
    this.#initialPromise = options?.initialPromise
    const { retry, retryDelay } = query.options as unknown as QueryOptions
    this.#retries = { retry, retryDelay }
    // What began elsewhere began without the options of those who will look at it.
    if (!this.#initialPromise) this.#pages = query.fetchPages?.(query.options, query.state.data, options?.meta?.fetchMore?.direction)
  }

  /** Runs the query function once, and tells the engine what became of it. @internal */
  runAttempt(): void {
    // The first attempt may have begun elsewhere.
    const begun = this.#attempted ? undefined : this.#initialPromise
    this.#attempted = true
    let attempt: unknown
    try {
      attempt = begun ?? this.#callQueryFn()
    } catch (error) {
      attempt = Promise.reject(error as Error)
    }
    Promise.resolve(attempt as TData).then(
      (data) => this.#succeeded(data),
      (error: unknown) => this.#failed(error as TError),
    )
  }

  /** It ends with an error that no retry mends. @internal */
  endWith(error: TError): void {
    const query = this.#query
    query.incoming = error
    if (!this.#act(Act.FetchRejected)) {
      this.outcome.reject(error)
      return
    }
    if (query.ongoing === this) query.ongoing = undefined
    this.#engine.perform()
    this.settleError(error)
  }

  /** The engine has ended it with an error: the cache's callbacks hear it, then those who wait. @internal */
  settleError(error: TError): void {
    const { config } = this.#client.getQueryCache()
    const query = this.#query as unknown as Query<unknown, unknown, unknown>
    try {
      config.onError?.(error as DefaultError, query)
      config.onSettled?.(query.state.data, error as DefaultError, query)
      this.outcome.reject(error)
    } catch (thrown) {
      this.outcome.reject(thrown)
    }
  }

  #callQueryFn(): unknown {
    const query = this.#query
    const { queryFn, persister } = query.options
    if (process.env.NODE_ENV !== 'production' && queryFn === skipToken) {
      console.error(
        `Attempted to invoke queryFn when set to skipToken. This is likely a configuration error. Query hash: '${query.queryHash}'`,
      )
    }
    if (!queryFn || queryFn === skipToken) {
      return this.#initialPromise ?? Promise.reject(new Error(`Missing queryFn: '${query.queryHash}'`))
    }
    const context = { client: this.#client, queryKey: query.queryKey, meta: query.meta }
    // Reading the signal says that the query function can be aborted, so each attempt begins unread.
    this.#act(Act.SignalUnread)
    Object.defineProperty(context, 'signal', {
      enumerable: true,
      get: () => {
        this.#act(Act.SignalRead)
        return this.abortController.signal
      },
    })
    const complete = context as unknown as Parameters<typeof queryFn>[0]
    // Who lends its query function to a fetch that began without one may be after pages.
    const pages = (this.#pages ??= query.fetchPages?.(query.options, query.state.data, undefined))
    const call = pages ? () => pages(queryFn as QueryFunction, complete as QueryFunctionContext) as TQueryFnData : queryFn
    if (persister) return persister(call as typeof queryFn, complete as never, query as unknown as Query)
    return call(complete)
  }

  #succeeded(data: TData): void {
    const query = this.#query
    if (query.ongoing !== this || this.cancelled) return
    if (data === undefined) {
      if (process.env.NODE_ENV !== 'production') {
        console.error(
          `Query data cannot be undefined. Please make sure to return a value other than undefined from your query function. Affected query key: ${query.queryHash}`,
        )
      }
      this.endWith(new Error(`${query.queryHash} data is undefined`) as TError)
      return
    }
    let shared: TData
    try {
      shared = carryReply(data, replaceData(query.state.data, data, query.options))
    } catch (error) {
      this.endWith(error as TError)
      return
    }
    query.incoming = { data: shared }
    if (!this.#act(Act.FetchSucceeded)) return
    query.ongoing = undefined
    try {
      this.#engine.perform()
      const { config } = this.#client.getQueryCache()
      const told = query as unknown as Query<unknown, unknown, unknown>
      config.onSuccess?.(data, told)
      config.onSettled?.(data, query.state.error as DefaultError | null, told)
      this.outcome.resolve(data)
    } catch (error) {
      // A callback of the user's threw: that is the fetch's outcome.
      this.outcome.reject(error)
    }
  }

  /** The user's functions answer, or else the error does; the engine decides by it. */
  #failed(error: TError): void {
    const query = this.#query
    if (query.ongoing !== this || this.cancelled) return
    const { retry, retryDelay } = this.#retries
    let delay = 0
    let again: boolean
    try {
      if (typeof retryDelay === 'function') delay = retryDelay(this.#failureCount, error as DefaultError)
      again =
        typeof retry === 'function'
          ? retry(this.#failureCount, error as DefaultError)
          : !(error instanceof SamekeyError) || error.retryable
    } catch (thrown) {
      // Else the fetch would go on for ever.
      return this.endWith(thrown as TError)
    }
    query.incoming = this.failure = error
    const engine = this.#engine
    const outcome = engine.core.fetchFailed(query.id, this.id, again, delay, Date.now(), engine.network())
    if (outcome === FailureCode.Retrying) this.#failureCount++
    if (outcome === FailureCode.Final) query.ongoing = undefined
    engine.perform()
    if (outcome === FailureCode.Final) this.settleError(error)
  }

  /** What follows from it is performed later, by whoever asked. */
  #act(act: Act): number {
    return this.#engine.core.act(act, this.#query.id, this.id, Date.now(), this.#engine.environment())
  }
}
