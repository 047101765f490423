import { replyOf } from './reply'
import type { Query } from './query'
import type { Family, TypedQueryKey } from './typedKey'
import type { QueryFunctionContext, StaleTime } from './types'

/** A stale time that says of itself that it goes by the query's state alone: while that is the same, so is the answer. */
export interface FamilyStaleTime {
  (query: Query): StaleTime
  ofState?: boolean
}

/** The options that a typed key brings with it. They go below a prefix's defaults and above the client's. */
export interface FamilyDefaults {
  queryFn?: (context: QueryFunctionContext) => Promise<unknown>
  staleTime: StaleTime | FamilyStaleTime
  refetchInterval?: number
}

/** What a family says, as options for one of its keys. */
export function familyDefaults(key: TypedQueryKey, family: Family, ttl: number, hash: string): FamilyDefaults {
  const { endpoint, refetchInterval } = family
  const defaults: FamilyDefaults =
    endpoint === undefined
      ? { staleTime: ttl }
      : {
          queryFn: (context) => fetchTyped(key, context),
          // Freshness is counted once: what the server has left of its TTL is all there is.
          staleTime: Object.assign((query: Query) => replyOf(query.state.data, hash)?.freshFor ?? ttl, { ofState: true }),
        }
  if (refetchInterval !== undefined) defaults.refetchInterval = refetchInterval
  return defaults
}

/** Gets a key's data from its endpoint. `skipCache` asks the server to compute it anew. */
export async function fetchTyped<TData>(
  key: TypedQueryKey<TData>,
  context: Pick<QueryFunctionContext, 'client' | 'signal'>,
  options: { skipCache?: boolean } = {},
): Promise<TData> {
  // Read before anything is awaited: whoever reads it can be aborted while the fetch is still being downloaded.
  const { client, signal } = context
  // On demand, because those who bring query functions of their own should not download it.
  const { fetchEndpoint } = await import('../fetch/fetchEndpoint')
  return fetchEndpoint(key, { client, signal }, options)
}
