import type { QueryObserverOptions } from './types'

/** How two options of one observer differ. */
export const enum Difference {
  None = 0,
  /** Only in the query function, or in the array that holds the same key: what renders make anew each time. */
  Functions = 1,
  Other = 2,
}

export function differenceOf(before: AnyOptions, after: AnyOptions): Difference {
  if (before === after) return Difference.None
  let difference = Difference.None
  let count = 0
  for (const name in after) {
    count++
    if (before[name as keyof AnyOptions] === after[name as keyof AnyOptions]) continue
    if (name !== 'queryFn' && (name !== 'queryKey' || before.queryHash !== after.queryHash)) return Difference.Other
    // `skipToken` is no function: it disables.
    if (name === 'queryFn' && typeof before.queryFn !== typeof after.queryFn) return Difference.Other
    difference = Difference.Functions
  }
  for (const _ in before) count--
  return count === 0 ? difference : Difference.Other
}

/** Observer options as the user gave them, of whatever type. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the functions take queries of every type
type AnyOptions = QueryObserverOptions<any, any, any, any, any>
