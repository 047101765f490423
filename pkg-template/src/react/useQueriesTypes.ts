/* eslint-disable @typescript-eslint/no-explicit-any -- inference over options of every type */
import type {
  DefaultError,
  OmitKeyof,
  QueriesPlaceholderDataFunction,
  QueryFunction,
  QueryKey,
  ThrowOnError,
} from '../core/types'
import type { TypedQueryKey } from '../core/typedKey'
import type { DefinedUseQueryResult, UseQueryOptions, UseQueryResult } from './types'

/** Options of one query in `useQueries`: there is no previous query for its placeholder. */
export type UseQueryOptionsForUseQueries<
  TQueryFnData = unknown,
  TError = DefaultError,
  TData = TQueryFnData,
  TQueryKey extends QueryKey = QueryKey,
> = OmitKeyof<UseQueryOptions<TQueryFnData, TError, TData, TQueryKey>, 'placeholderData' | 'subscribed'> & {
  placeholderData?: TQueryFnData | QueriesPlaceholderDataFunction<TQueryFnData>
}

/** Beyond this many queries in one literal TypeScript's own depth limit would be hit. */
type MaximumDepth = 20

/** `skipToken` widened: inside a mutable literal it is no longer the unique symbol. */
type AnySymbol = symbol

/** A query whose key brings its query function, and the type of its data. */
interface TypedQuery<TTyped, TData> {
  queryKey: TypedQueryKey<TTyped>
  queryFn?: undefined
  select?: (data: any) => TData
}

/** What a type parameter may be given as: an object, a tuple, or nothing (then it is inferred). */
export type OptionsOf<T> = T extends { queryFnData: infer TQueryFnData; error?: infer TError; data: infer TData }
  ? UseQueryOptionsForUseQueries<TQueryFnData, TError, TData>
  : T extends { queryFnData: infer TQueryFnData; error?: infer TError }
    ? UseQueryOptionsForUseQueries<TQueryFnData, TError>
    : T extends { data: infer TData; error?: infer TError }
      ? UseQueryOptionsForUseQueries<unknown, TError, TData>
      : T extends [infer TQueryFnData, infer TError, infer TData]
        ? UseQueryOptionsForUseQueries<TQueryFnData, TError, TData>
        : T extends [infer TQueryFnData, infer TError]
          ? UseQueryOptionsForUseQueries<TQueryFnData, TError>
          : T extends [infer TQueryFnData]
            ? UseQueryOptionsForUseQueries<TQueryFnData>
            : T extends TypedQuery<infer TTyped, infer TData>
              ? UseQueryOptionsForUseQueries<
                  TTyped,
                  DefaultError,
                  unknown extends TData ? TTyped : TData,
                  TypedQueryKey<TTyped>
                >
              : T extends {
                  queryFn?: QueryFunction<infer TQueryFnData, infer TQueryKey> | AnySymbol
                  select?: (data: any) => infer TData
                  throwOnError?: ThrowOnError<any, infer TError, any, any>
                }
              ? UseQueryOptionsForUseQueries<
                  TQueryFnData,
                  unknown extends TError ? DefaultError : TError,
                  unknown extends TData ? TQueryFnData : TData,
                  TQueryKey
                >
              : UseQueryOptionsForUseQueries

type ResultWithInitialData<T, TData, TError = unknown> = T extends { initialData?: infer TInitialData }
  ? unknown extends TInitialData
    ? UseQueryResult<TData, TError>
    : TInitialData extends TData
      ? DefinedUseQueryResult<TData, TError>
      : TInitialData extends () => infer TInitialDataResult
        ? unknown extends TInitialDataResult
          ? UseQueryResult<TData, TError>
          : TInitialDataResult extends TData
            ? DefinedUseQueryResult<TData, TError>
            : UseQueryResult<TData, TError>
        : UseQueryResult<TData, TError>
  : UseQueryResult<TData, TError>

/** The result that belongs to `OptionsOf<T>`. */
export type ResultOf<T> = T extends { queryFnData: any; error?: infer TError; data: infer TData }
  ? ResultWithInitialData<T, TData, TError>
  : T extends { queryFnData: infer TQueryFnData; error?: infer TError }
    ? ResultWithInitialData<T, TQueryFnData, TError>
    : T extends { data: infer TData; error?: infer TError }
      ? ResultWithInitialData<T, TData, TError>
      : T extends [any, infer TError, infer TData]
        ? ResultWithInitialData<T, TData, TError>
        : T extends [infer TQueryFnData, infer TError]
          ? ResultWithInitialData<T, TQueryFnData, TError>
          : T extends [infer TQueryFnData]
            ? ResultWithInitialData<T, TQueryFnData>
            : T extends TypedQuery<infer TTyped, infer TData>
              ? ResultWithInitialData<T, unknown extends TData ? TTyped : TData, DefaultError>
              : T extends {
                  queryFn?: QueryFunction<infer TQueryFnData, any> | AnySymbol
                  select?: (data: any) => infer TData
                  throwOnError?: ThrowOnError<any, infer TError, any, any>
                }
              ? ResultWithInitialData<
                  T,
                  unknown extends TData ? TQueryFnData : TData,
                  unknown extends TError ? DefaultError : TError
                >
              : UseQueryResult

/** The options of each query of a tuple, inferred one by one. */
export type QueriesOptions<
  T extends Array<any>,
  TResults extends Array<any> = [],
  TDepth extends ReadonlyArray<number> = [],
> = TDepth['length'] extends MaximumDepth
  ? Array<UseQueryOptionsForUseQueries>
  : T extends []
    ? []
    : T extends [infer Head]
      ? [...TResults, OptionsOf<Head>]
      : T extends [infer Head, ...infer Tails]
        ? QueriesOptions<[...Tails], [...TResults, OptionsOf<Head>], [...TDepth, 1]>
        : ReadonlyArray<unknown> extends T
          ? T
          : T extends Array<
                UseQueryOptionsForUseQueries<infer TQueryFnData, infer TError, infer TData, infer TQueryKey>
              >
            ? Array<UseQueryOptionsForUseQueries<TQueryFnData, TError, TData, TQueryKey>>
            : Array<UseQueryOptionsForUseQueries>

/** The results of each query of a tuple. */
export type QueriesResults<
  T extends Array<any>,
  TResults extends Array<any> = [],
  TDepth extends ReadonlyArray<number> = [],
> = TDepth['length'] extends MaximumDepth
  ? Array<UseQueryResult>
  : T extends []
    ? []
    : T extends [infer Head]
      ? [...TResults, ResultOf<Head>]
      : T extends [infer Head, ...infer Tails]
        ? QueriesResults<[...Tails], [...TResults, ResultOf<Head>], [...TDepth, 1]>
        : { [K in keyof T]: ResultOf<T[K]> }
