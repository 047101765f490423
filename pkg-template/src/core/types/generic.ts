/** `T`, or `never` where `undefined` is possible: query data is never `undefined`. */
export type NonUndefinedGuard<T> = T extends undefined ? never : T

/** `T`, or `never` for functions: where a function means "compute it", a value must not be one. */
export type NonFunctionGuard<T> = T extends (...args: never[]) => unknown ? never : T

/** `Omit`, applied to each member of a union instead of to what they share. */
export type DistributiveOmit<TObject, TKey extends keyof TObject> = TObject extends unknown
  ? Omit<TObject, TKey>
  : never

/** `Omit` that only takes keys the object has, so that a renamed key is noticed. */
export type OmitKeyof<
  TObject,
  TKey extends (TStrictly extends 'safely'
    ? | keyof TObject
      | (string & Record<never, never>)
      | (number & Record<never, never>)
      | (symbol & Record<never, never>)
    : keyof TObject),
  TStrictly extends 'strictly' | 'safely' = 'strictly',
> = Omit<TObject, TKey>

/** The keys of `TTarget`, with the types `TOther` gives where it has the same key. */
export type Override<TTarget, TOther> = {
  [K in keyof TTarget]: K extends keyof TOther ? TOther[K] : TTarget[K]
}

/** `TTarget` with the keys `TKey` present and not `undefined`. */
export type WithRequired<TTarget, TKey extends keyof TTarget> = TTarget & {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- {} is "anything but null and undefined"
  [_ in TKey]: {}
}

/** A value, or a function from the old value to the new one. */
export type Updater<TInput, TOutput> = TOutput | ((input: TInput) => TOutput)
