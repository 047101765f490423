import type { Mutation } from '../mutation'
import type { Query } from '../query'
import type { Reply } from '../reply'
import type { MutationOptions, MutationScope, MutationState } from './mutation'
import type { QueryOptions, QueryState } from './query'
import type { DefaultError, MutationKey, MutationMeta, QueryKey, QueryMeta } from './register'

/** What `dehydrate` takes, and how. */
export interface DehydrateOptions {
  /** Which queries. @default those that succeeded, but none of a sensitive family */
  shouldDehydrateQuery?: (query: Query) => boolean
  /** Which mutations. @default those that wait for the network */
  shouldDehydrateMutation?: (mutation: Mutation) => boolean
  /** Turns data into what can be sent, where JSON is not enough. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- data of every type
  serializeData?: (data: any) => any
  /** Whether the error of a query that was pending is kept from the browser. @default always */
  shouldRedactErrors?: (error: unknown) => boolean
}

/** How `hydrate` puts in what comes. */
export interface HydrateOptions {
  defaultOptions?: {
    /** The counterpart of `serializeData`. */
    // eslint-disable-next-line @typescript-eslint/no-explicit-any -- data of every type
    deserializeData?: (data: any) => any
    queries?: QueryOptions
    mutations?: MutationOptions<unknown, DefaultError, unknown, unknown>
  }
}

/** What is known of data that was still to come when its query was dehydrated. */
export interface Arrival extends Pick<DehydratedQuery, 'reply'> {
  /** Milliseconds since the epoch. */
  dataUpdatedAt: number
}

/** A query to take along. */
export interface DehydratedQuery {
  queryHash: string
  queryKey: QueryKey
  state: QueryState
  /** The data to come, of one that was pending: for transports that can send promises. */
  promise?: Promise<unknown>
  /** When that data was asked for, in milliseconds since the epoch. */
  askedAt?: number
  /** When that data came, and what was said of it; nothing if it did not come. */
  arrival?: Promise<Arrival | undefined>
  meta?: QueryMeta
  /** That its data are the pages of an infinite query. */
  queryType?: 'infinite'
  /** When it was dehydrated, in milliseconds since the epoch. */
  dehydratedAt?: number
  /** What the built-in fetch knows of the answer: how long it stays true, and its version. */
  reply?: Pick<Reply, 'etag' | 'bodyHash' | 'freshFor'>
}

/** A mutation to take along. */
export interface DehydratedMutation {
  mutationKey?: MutationKey
  state: MutationState
  meta?: MutationMeta
  scope?: MutationScope
}

/** A cache's contents, to be sent: JSON, if the data is. */
export interface DehydratedState {
  queries: DehydratedQuery[]
  mutations: DehydratedMutation[]
}
