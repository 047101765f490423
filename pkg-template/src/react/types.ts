/* eslint-disable @typescript-eslint/no-explicit-any --
   the Any… types match options of every type; interfaces show their names where types would be spelled out */
import type { SkipToken } from '../core/skipToken'
import type {
  DefaultError,
  DefinedInfiniteQueryObserverResult,
  DefinedQueryObserverResult,
  DistributiveOmit,
  FetchQueryOptions,
  InfiniteData,
  InfiniteQueryObserverOptions,
  InfiniteQueryObserverResult,
  MutateFunction,
  MutationObserverOptions,
  MutationObserverResult,
  OmitKeyof,
  Override,
  QueryKey,
  QueryObserverOptions,
  QueryObserverResult,
} from '../core/types'

/** Options of an observer made by a hook. */
export interface UseBaseQueryOptions<
  TQueryFnData = unknown,
  TError = DefaultError,
  TData = TQueryFnData,
  TQueryData = TQueryFnData,
  TQueryKey extends QueryKey = QueryKey,
> extends QueryObserverOptions<TQueryFnData, TError, TData, TQueryData, TQueryKey> {
  /** `false` detaches the mounted hook from the cache: it neither fetches nor renders. @default true */
  subscribed?: boolean
}
/** Options of any type. */
export type AnyUseBaseQueryOptions = UseBaseQueryOptions<any, any, any, any, any>

/** Options of `useQuery`. */
export interface UseQueryOptions<
  TQueryFnData = unknown,
  TError = DefaultError,
  TData = TQueryFnData,
  TQueryKey extends QueryKey = QueryKey,
> extends OmitKeyof<UseBaseQueryOptions<TQueryFnData, TError, TData, TQueryFnData, TQueryKey>, 'suspense'> {}
/** Options of any type. */
export type AnyUseQueryOptions = UseQueryOptions<any, any, any, any>

/** What the hooks of one query return. */
export type UseBaseQueryResult<TData = unknown, TError = DefaultError> = QueryObserverResult<TData, TError>

/** What `useQuery` returns. Fields are tracked: a component renders again when one it has read changes. */
export type UseQueryResult<TData = unknown, TError = DefaultError> = UseBaseQueryResult<TData, TError>

/** The same when there is initial data. */
export type DefinedUseQueryResult<TData = unknown, TError = DefaultError> = DefinedQueryObserverResult<TData, TError>

/** Options of `useSuspenseQuery`: it is always enabled, and shows nothing in the data's place. */
export interface UseSuspenseQueryOptions<
  TQueryFnData = unknown,
  TError = DefaultError,
  TData = TQueryFnData,
  TQueryKey extends QueryKey = QueryKey,
> extends OmitKeyof<
    UseQueryOptions<TQueryFnData, TError, TData, TQueryKey>,
    'queryFn' | 'enabled' | 'throwOnError' | 'placeholderData'
  > {
  queryFn?: Exclude<UseQueryOptions<TQueryFnData, TError, TData, TQueryKey>['queryFn'], SkipToken>
}
/** Options of any type. */
export type AnyUseSuspenseQueryOptions = UseSuspenseQueryOptions<any, any, any, any>

/** What `useSuspenseQuery` returns: there is data, and it is no placeholder. */
export type UseSuspenseQueryResult<TData = unknown, TError = DefaultError> = DistributiveOmit<
  DefinedQueryObserverResult<TData, TError>,
  'isPlaceholderData'
>

/** Options of `useInfiniteQuery`. */
export interface UseInfiniteQueryOptions<
  TQueryFnData = unknown,
  TError = DefaultError,
  TData = InfiniteData<TQueryFnData>,
  TQueryKey extends QueryKey = QueryKey,
  TPageParam = unknown,
> extends OmitKeyof<InfiniteQueryObserverOptions<TQueryFnData, TError, TData, TQueryKey, TPageParam>, 'suspense'> {
  /** `false` detaches the mounted hook from the cache: it neither fetches nor renders. @default true */
  subscribed?: boolean
}
/** Options of any type. */
export type AnyUseInfiniteQueryOptions = UseInfiniteQueryOptions<any, any, any, any, any>

/** What `useInfiniteQuery` returns. */
export type UseInfiniteQueryResult<TData = unknown, TError = DefaultError> = InfiniteQueryObserverResult<TData, TError>

/** The same when there is initial data. */
export type DefinedUseInfiniteQueryResult<
  TData = unknown,
  TError = DefaultError,
> = DefinedInfiniteQueryObserverResult<TData, TError>

/** Options of `useSuspenseInfiniteQuery`. */
export interface UseSuspenseInfiniteQueryOptions<
  TQueryFnData = unknown,
  TError = DefaultError,
  TData = InfiniteData<TQueryFnData>,
  TQueryKey extends QueryKey = QueryKey,
  TPageParam = unknown,
> extends OmitKeyof<
    UseInfiniteQueryOptions<TQueryFnData, TError, TData, TQueryKey, TPageParam>,
    'queryFn' | 'enabled' | 'throwOnError' | 'placeholderData'
  > {
  queryFn?: Exclude<UseInfiniteQueryOptions<TQueryFnData, TError, TData, TQueryKey, TPageParam>['queryFn'], SkipToken>
}
/** Options of any type. */
export type AnyUseSuspenseInfiniteQueryOptions = UseSuspenseInfiniteQueryOptions<any, any, any, any, any>

/** What `useSuspenseInfiniteQuery` returns. */
export type UseSuspenseInfiniteQueryResult<TData = unknown, TError = DefaultError> = DistributiveOmit<
  DefinedInfiniteQueryObserverResult<TData, TError>,
  'isPlaceholderData'
>

/** Options of `usePrefetchQuery`. */
export type UsePrefetchQueryOptions<
  TQueryFnData = unknown,
  TError = DefaultError,
  TData = TQueryFnData,
  TQueryKey extends QueryKey = QueryKey,
> = FetchQueryOptions<TQueryFnData, TError, TData, TQueryKey>

/** Options of `useMutation`. */
export interface UseMutationOptions<
  TData = unknown,
  TError = DefaultError,
  TVariables = void,
  TOnMutateResult = unknown,
> extends OmitKeyof<MutationObserverOptions<TData, TError, TVariables, TOnMutateResult>, '_defaulted'> {}
/** Options of any type. */
export type AnyUseMutationOptions = UseMutationOptions<any, any, any, any>

/** Runs the mutation and lets its result show the outcome. */
export type UseMutateFunction<TData = unknown, TError = DefaultError, TVariables = void, TOnMutateResult = unknown> = (
  ...args: Parameters<MutateFunction<TData, TError, TVariables, TOnMutateResult>>
) => void

/** Runs the mutation; resolves or rejects with its outcome. */
export type UseMutateAsyncFunction<
  TData = unknown,
  TError = DefaultError,
  TVariables = void,
  TOnMutateResult = unknown,
> = MutateFunction<TData, TError, TVariables, TOnMutateResult>

/** A mutation's result with both ways to run it. */
export type UseBaseMutationResult<
  TData = unknown,
  TError = DefaultError,
  TVariables = unknown,
  TOnMutateResult = unknown,
> = Override<
  MutationObserverResult<TData, TError, TVariables, TOnMutateResult>,
  { mutate: UseMutateFunction<TData, TError, TVariables, TOnMutateResult> }
> & { mutateAsync: UseMutateAsyncFunction<TData, TError, TVariables, TOnMutateResult> }

/** What `useMutation` returns. */
export type UseMutationResult<
  TData = unknown,
  TError = DefaultError,
  TVariables = unknown,
  TOnMutateResult = unknown,
> = UseBaseMutationResult<TData, TError, TVariables, TOnMutateResult>
