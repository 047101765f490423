export * from '../core'
export { mutationOptions } from './mutationOptions'
export {
  QueryClientContext,
  QueryClientProvider,
  type QueryClientProviderProps,
  useQueryClient,
} from './QueryClientProvider'
export {
  QueryErrorResetBoundary,
  type QueryErrorResetBoundaryProps,
  type QueryErrorResetBoundaryValue,
  useQueryErrorResetBoundary,
} from './QueryErrorResetBoundary'
export {
  type DefinedInitialDataOptions,
  queryOptions,
  type TypedKeyOptions,
  type UndefinedInitialDataOptions,
  type UnusedSkipTokenOptions,
} from './queryOptions'
export type * from './types'
export { useIsFetching } from './useIsFetching'
export { useMutation } from './useMutation'
export { useIsMutating, useMutationState } from './useMutationState'
export { useQueries } from './useQueries'
export type { QueriesOptions, QueriesResults } from './useQueriesTypes'
export { useQuery } from './useQuery'
