/** As `queryFn`: the query is disabled, and TypeScript knows that no data type comes from it. */
export const skipToken: unique symbol = Symbol('skipToken')
/** The type of `skipToken`. */
export type SkipToken = typeof skipToken
