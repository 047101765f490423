import type { DefaultError, QueryKey } from './register'

/** Brand that carries a key's data type; never present at run time on a key. */
export const dataTagSymbol: unique symbol = Symbol('dataTagSymbol')
export type dataTagSymbol = typeof dataTagSymbol

/** Brand that carries a key's error type; never present at run time on a key. */
export const dataTagErrorSymbol: unique symbol = Symbol('dataTagErrorSymbol')
export type dataTagErrorSymbol = typeof dataTagErrorSymbol

/** Stands for "no error type was given", which is not the same as `unknown`. */
export const unsetMarker: unique symbol = Symbol('unsetMarker')
/** The type of `unsetMarker`. */
export type UnsetMarker = typeof unsetMarker

/** Any tagged key. */
export type AnyDataTag = {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- matches whatever the tag holds
  [dataTagSymbol]: any
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- matches whatever the tag holds
  [dataTagErrorSymbol]: any
}

/** A key that knows the data (and error) found under it. A key already tagged keeps its tag. */
export type DataTag<TType, TValue, TError = UnsetMarker> = TType extends AnyDataTag
  ? TType
  : TType & { [dataTagSymbol]: TValue; [dataTagErrorSymbol]: TError }

/** Options whose `queryKey` is tagged: what `queryOptions` returns. */
export type QueryKeyWithDataTag<
  TQueryKey extends QueryKey = QueryKey,
  TQueryFnData = unknown,
  TError = DefaultError,
> = { queryKey: DataTag<TQueryKey, TQueryFnData, TError> }

/** The data type a tagged key carries, else `TQueryFnData`. */
export type InferDataFromTag<TQueryFnData, TTaggedQueryKey extends QueryKey> =
  TTaggedQueryKey extends DataTag<unknown, infer TaggedValue, unknown> ? TaggedValue : TQueryFnData

/** The error type a tagged key carries, else `TError`. */
export type InferErrorFromTag<TError, TTaggedQueryKey extends QueryKey> =
  TTaggedQueryKey extends DataTag<unknown, unknown, infer TaggedError>
    ? TaggedError extends UnsetMarker
      ? TError
      : TaggedError
    : TError
