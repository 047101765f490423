/**
 * Declare your application's defaults once by merging into this interface:
 *
 * ```ts
 * declare module 'samekey' {
 *   interface Register {
 *     defaultError: ApiError
 *     queryKey: ['exec' | 'agent', ...unknown[]]
 *     queryMeta: { label?: string }
 *   }
 * }
 * ```
 *
 * Members read: `defaultError`, `queryKey`, `mutationKey`, `queryMeta`, `mutationMeta`.
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- filled by the application, by declaration merging
export interface Register {}

/** The error type where none is given: `Register['defaultError']`, else `Error`. */
export type DefaultError = Register extends { defaultError: infer TError } ? TError : Error

/** What identifies a query: an array that JSON can write. */
export type QueryKey = Register extends { queryKey: infer TQueryKey }
  ? TQueryKey extends ReadonlyArray<unknown>
    ? TQueryKey
    : ReadonlyArray<unknown>
  : ReadonlyArray<unknown>

/** What identifies a kind of mutation: an array that JSON can write. */
export type MutationKey = Register extends { mutationKey: infer TMutationKey }
  ? TMutationKey extends ReadonlyArray<unknown>
    ? TMutationKey
    : ReadonlyArray<unknown>
  : ReadonlyArray<unknown>

/** Free data carried by a query. */
export type QueryMeta = Register extends { queryMeta: infer TMeta }
  ? TMeta extends Record<string, unknown>
    ? TMeta
    : Record<string, unknown>
  : Record<string, unknown>

/** Free data carried by a mutation. */
export type MutationMeta = Register extends { mutationMeta: infer TMeta }
  ? TMeta extends Record<string, unknown>
    ? TMeta
    : Record<string, unknown>
  : Record<string, unknown>
