import { rejected } from './rejected'
import { replyOf } from './reply'
import { typedKeyFacts } from './typedKey'
import type { Mutation } from './mutation'
import type { Query } from './query'
import type { QueryClient } from './queryClient'
import type { DehydratedMutation, DehydratedQuery, DehydratedState, DehydrateOptions } from './types'

/** Whether `dehydrate` takes a query unless told otherwise: it succeeded, and its family is not sensitive. */
export function defaultShouldDehydrateQuery(query: Query): boolean {
  // What is taken along ends in pages, logs and on disks.
  return query.state.status === 'success' && !typedKeyFacts(query.queryKey)?.family.sensitive
}

/** Whether `dehydrate` takes a mutation unless told otherwise: it waits for the network. */
export function defaultShouldDehydrateMutation(mutation: Mutation): boolean {
  return mutation.state.isPaused
}

/** The contents of a client's caches, to be sent to a browser or kept for later: see `hydrate`. */
export function dehydrate(client: QueryClient, options: DehydrateOptions = {}): DehydratedState {
  const {
    shouldDehydrateQuery = defaultShouldDehydrateQuery,
    shouldDehydrateMutation = defaultShouldDehydrateMutation,
    serializeData,
    shouldRedactErrors,
  } = { ...client.getDefaultOptions().dehydrate, ...options }
  return {
    mutations: client.getMutationCache().getAll().filter(shouldDehydrateMutation).map(dehydratedMutation),
    queries: client
      .getQueryCache()
      .getAll()
      .filter((query) => shouldDehydrateQuery(query))
      .map((query) => dehydratedQuery(query, serializeData, shouldRedactErrors)),
  }
}

function dehydratedMutation({ options, state, meta }: Mutation): DehydratedMutation {
  const { mutationKey, scope } = options
  return { mutationKey: mutationKey!, state, ...(scope && { scope }), ...(meta && { meta }) }
}

function dehydratedQuery(
  query: Query,
  serializeData: DehydrateOptions['serializeData'],
  shouldRedactErrors: DehydrateOptions['shouldRedactErrors'],
): DehydratedQuery {
  const { state, queryKey, queryHash, meta } = query
  const promise = state.status === 'pending' && query.promise && sent(query, serializeData, shouldRedactErrors)
  return {
    dehydratedAt: Date.now(),
    state: serializeData && state.data !== undefined ? { ...state, data: serializeData(state.data) as unknown } : { ...state },
    queryKey,
    queryHash,
    ...(promise && { promise, askedAt: query.ongoing!.begunAt, arrival: promise.then(() => ({ dataUpdatedAt: query.state.dataUpdatedAt, ...said(query) }), () => undefined) }),
    ...(meta && { meta }),
    ...(query.fetchPages && { queryType: 'infinite' as const }),
    ...said(query),
  }
}

/** What the server said of the answer. */
function said({ state, queryHash }: Query): Pick<DehydratedQuery, 'reply'> {
  const reply = replyOf(state.data, queryHash)
  return reply ? { reply: { etag: reply.etag, bodyHash: reply.bodyHash, freshFor: reply.freshFor } } : {}
}

/** The data to come. Its error says nothing of the server, unless `shouldRedactErrors` lets it. */
function sent(
  query: Query,
  serializeData: DehydrateOptions['serializeData'],
  shouldRedactErrors: DehydrateOptions['shouldRedactErrors'],
): Promise<unknown> {
  const promise = query.promise!.then(serializeData).catch((error: unknown) => {
    if (shouldRedactErrors?.(error) === false) return rejected(error)
    if (process.env.NODE_ENV !== 'production') {
      console.error(
        `A query that was dehydrated as pending ended up rejecting. [${query.queryHash}]: ${String(error)}; The error will be redacted in production builds`,
      )
    }
    return rejected(new Error('redacted'))
  })
  // Whoever sends it handles it; that nobody may have begun to is no fault.
  promise.catch(() => {})
  return promise
}
