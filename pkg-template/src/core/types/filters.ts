import type { Mutation } from '../mutation'
import type { Query } from '../query'
import type { MutationStatus } from './mutation'
import type { FetchStatus } from './query'
import type { DefaultError, MutationKey, QueryKey } from './register'

type DropLast<T extends ReadonlyArray<unknown>> = T extends readonly [...infer R, unknown] ? readonly [...R] : never

/** A tuple and each of its beginnings: what may stand in a filter for it. */
export type TuplePrefixes<T extends ReadonlyArray<unknown>> = T extends readonly []
  ? readonly []
  : TuplePrefixes<DropLast<T>> | T

/** `active` queries are watched by an enabled observer. */
export type QueryTypeFilter = 'all' | 'active' | 'inactive'

/** Chooses queries; every given condition must hold. */
export interface QueryFilters<TQueryKey extends QueryKey = QueryKey> {
  /** @default 'all' */
  type?: QueryTypeFilter
  /** The key must be equal; otherwise arrays match by prefix and objects by subset, at every depth. */
  exact?: boolean
  predicate?: (query: Query) => boolean
  queryKey?: TQueryKey | TuplePrefixes<TQueryKey>
  /**
   * A pattern of the schema, such as `exec:*:ws1:*`: its segments are the key's elements, `*` is one element and a
   * final `*` one or more. Beyond TanStack Query. `queryKey` is ignored beside it.
   */
  pattern?: string
  stale?: boolean
  fetchStatus?: FetchStatus
}

/** Chooses what to invalidate, and which of those are refetched. */
export interface InvalidateQueryFilters<TQueryKey extends QueryKey = QueryKey> extends QueryFilters<TQueryKey> {
  /** @default `type`, else 'active' */
  refetchType?: QueryTypeFilter | 'none'
}

/** Chooses what to refetch. */
 
export interface RefetchQueryFilters<TQueryKey extends QueryKey = QueryKey> extends QueryFilters<TQueryKey> {}

/** Chooses mutations; every given condition must hold. */
export interface MutationFilters<
  TData = unknown,
  TError = DefaultError,
  TVariables = unknown,
  TOnMutateResult = unknown,
> {
  exact?: boolean
  predicate?: (mutation: Mutation<TData, TError, TVariables, TOnMutateResult>) => boolean
  mutationKey?: TuplePrefixes<MutationKey>
  status?: MutationStatus
}
