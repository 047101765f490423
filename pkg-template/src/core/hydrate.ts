import { fetchPages } from './infinitePages'
import { Mutation } from './mutation'
import { noteReply } from './reply'
import { recognised } from './typedKey'
import { noop } from './noop'
import type { Query } from './query'
import type { QueryClient } from './queryClient'
import type { DehydratedQuery, DehydratedState, HydrateOptions, QueryState } from './types'

/** Data may have been asked for so long (ms) before it came. */
const LONGEST_FETCH = 30_000

/**
 * Puts what `dehydrate` took into a client's caches. Data that is there and newer stays. Typed keys are typed again, if
 * their schema has been imported, and go on being fresh for what the server said.
 */
export function hydrate(client: QueryClient, dehydratedState: unknown, options?: HydrateOptions): void {
  if (typeof dehydratedState !== 'object' || dehydratedState === null) return
  const { mutations = [], queries = [] } = dehydratedState as Partial<DehydratedState>
  const general = client.getDefaultOptions().hydrate
  const own = options?.defaultOptions

  const mutationCache = client.getMutationCache()
  if (mutations.length > 0) mutationCache.provide(Mutation)
  for (const { state, ...rest } of mutations) {
    mutationCache.build(client, { ...general?.mutations, ...own?.mutations, ...rest }, state)
  }
  const defaults = { ...general?.queries, ...own?.queries }
  const deserializeData = own?.deserializeData ?? general?.deserializeData
  for (const query of queries) hydrateQuery(client, query, defaults, deserializeData)
}

/** Whether a query that was dehydrated brings something newer than the one that is there. @internal */
export function isNewer({ state, promise, dehydratedAt }: DehydratedQuery, { state: known }: Query): boolean {
  return (
    state.dataUpdatedAt > known.dataUpdatedAt ||
    (promise !== undefined &&
      known.status !== 'pending' &&
      known.fetchStatus !== 'fetching' &&
      dehydratedAt !== undefined &&
      dehydratedAt > known.dataUpdatedAt)
  )
}

function hydrateQuery(
  client: QueryClient,
  dehydrated: DehydratedQuery,
  defaults: object,
  deserializeData: ((data: unknown) => unknown) | undefined,
): void {
  const { queryHash, meta, queryType, promise, arrival, dehydratedAt, askedAt = dehydratedAt } = dehydrated
  // A promise of React's may be settled already: then its data is here now, and nothing suspends.
  const arrived = promise && settled(promise)
  let came = arrived && arrival && settled(arrival)?.data
  const raw: unknown = dehydrated.state.data === undefined ? arrived?.data : dehydrated.state.data
  const taken = (value: unknown, { reply }: Pick<DehydratedQuery, 'reply'>): unknown => {
    const data = value === undefined || !deserializeData ? value : deserializeData(value)
    if (reply) noteReply(data, { ...reply, queryHash })
    return data
  }
  const data = taken(raw, came ?? dehydrated)

  const { fetchStatus: _, ...then } = { ...dehydrated.state, data }
  const hasArrived = then.status === 'pending' && data !== undefined
  const state: Omit<QueryState, 'fetchStatus'> = hasArrived
    ? { ...then, status: 'success', dataUpdatedAt: came?.dataUpdatedAt ?? dehydratedAt ?? Date.now() }
    : then
  const cache = client.getQueryCache()
  let query = cache.get(queryHash)
  const { status, fetchStatus } = query?.state ?? {}
  if (query) {
    const known = query.state.dataUpdatedAt
    const isNews = dehydrated.state.dataUpdatedAt > known || (arrived && dehydratedAt !== undefined && dehydratedAt > known)
    // A fetch of it goes on.
    if (isNews) write(query, { ...state, ...(hasArrived && fetchStatus !== 'fetching' && { fetchStatus: 'idle' }) }, state.dataUpdatedAt - LONGEST_FETCH)
  } else {
    const queryKey = recognised(dehydrated.queryKey)
    const given = { ...defaults, queryKey, queryHash, ...(meta && { meta }), ...(queryType && { _fetchPages: fetchPages }) }
    query = cache.build(client, given, { ...state, fetchStatus: 'idle' })
  }

  const isWanted = dehydratedAt === undefined || dehydratedAt > query.state.dataUpdatedAt
  if (promise && !arrived && status !== 'pending' && fetchStatus !== 'fetching' && isWanted) {
    // No fetch of its own: the promise is taken for its first attempt.
    let first: unknown
    const initialPromise = Promise.all([promise, arrival]).then(([value, known]) => (first = taken(value, (came = known) ?? {})))
    // While the network is away nobody asks for it.
    initialPromise.catch(noop)
    query.fetch(undefined, { initialPromise }).then((last) => {
      // It is as old as it was where it came from, however long it was under way; a stream is asked what happened since.
      const { dataUpdatedAt } = query.state
      const then = Math.min(came?.dataUpdatedAt ?? dataUpdatedAt, dataUpdatedAt)
      if (last === first && (then < dataUpdatedAt || cache.lastEventId)) write(query, { dataUpdatedAt: then }, askedAt)
    }, noop)
  }
}

/** Writes what was asked for elsewhere, at that time. */
function write(query: Query, state: Partial<QueryState>, askedAt: number | undefined): void {
  query.askedAt = askedAt
  query.setState(state)
  query.askedAt = undefined
}

/** What a promise was resolved with, where it says so at once. */
function settled<T>(promise: PromiseLike<T>): { data: T } | undefined {
  let data: T | undefined
  const next = promise.then((value) => (data = value), noop) as Promise<unknown> | undefined
  next?.catch?.(noop)
  return data === undefined ? undefined : { data }
}
