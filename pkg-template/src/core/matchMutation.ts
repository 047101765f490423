import { keyMatches } from './keyMatches'
import { hashKey } from './hashKey'
import type { Mutation } from './mutation'
import type { MutationFilters } from './types'

/** Whether a mutation is one the filters choose. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- mutations of every type
export function matchMutation(filters: MutationFilters, mutation: Mutation<any, any, any, any>): boolean {
  const { exact, status, predicate, mutationKey } = filters
  if (mutationKey) {
    const key = mutation.options.mutationKey
    if (!key) return false
    const matches = exact ? hashKey(key) === hashKey(mutationKey) : keyMatches(key, mutationKey)
    if (!matches) return false
  }
  if (status && mutation.state.status !== status) return false
  return !predicate || predicate(mutation)
}
