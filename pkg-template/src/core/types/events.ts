/* eslint-disable @typescript-eslint/no-explicit-any -- a cache holds queries and mutations of every type */
import type { Mutation } from '../mutation'
import type { MutationObserver } from '../mutationObserver'
import type { Query } from '../query'
import type { QueryObserver } from '../queryObserver'
import type { MutationAction } from './mutation'
import type { QueryAction } from './query'

/** What can happen in a cache. */
export type NotifyEventType =
  | 'added'
  | 'removed'
  | 'updated'
  | 'observerAdded'
  | 'observerRemoved'
  | 'observerResultsUpdated'
  | 'observerOptionsUpdated'

/** What every event has. */
export interface NotifyEvent {
  type: NotifyEventType
}

type AnyQuery = Query<any, any, any, any>
type AnyQueryObserver = QueryObserver<any, any, any, any, any>

/** What a `QueryCache` listener is told. */
export type QueryCacheNotifyEvent =
  | { type: 'added'; query: AnyQuery }
  | { type: 'removed'; query: AnyQuery }
  | { type: 'updated'; query: AnyQuery; action: QueryAction<any, any> }
  | { type: 'observerAdded'; query: AnyQuery; observer: AnyQueryObserver }
  | { type: 'observerRemoved'; query: AnyQuery; observer: AnyQueryObserver }
  | { type: 'observerResultsUpdated'; query: AnyQuery }
  | { type: 'observerOptionsUpdated'; query: AnyQuery; observer: AnyQueryObserver }

type AnyMutation = Mutation<any, any, any, any>
type AnyMutationObserver = MutationObserver<any, any, any, any>

/** What a `MutationCache` listener is told. */
export type MutationCacheNotifyEvent =
  | { type: 'added'; mutation: AnyMutation }
  | { type: 'removed'; mutation: AnyMutation }
  | { type: 'updated'; mutation: AnyMutation; action: MutationAction<any, any, any, any> }
  | { type: 'observerAdded'; mutation: AnyMutation; observer: AnyMutationObserver }
  | { type: 'observerRemoved'; mutation: AnyMutation; observer: AnyMutationObserver }
  | { type: 'observerOptionsUpdated'; mutation?: AnyMutation | undefined; observer: AnyMutationObserver }
