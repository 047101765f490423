export * from '../core'
export { HydrationBoundary, type HydrationBoundaryProps } from './HydrationBoundary'
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
export { usePrefetchQuery } from './usePrefetchQuery'
export { useQueries } from './useQueries'
export type { QueriesOptions, QueriesResults } from './useQueriesTypes'
export { useQuery } from './useQuery'
export { type SuspenseQueriesResults, useSuspenseQueries } from './useSuspenseQueries'
export { type TypedSuspenseOptions, useSuspenseQuery } from './useSuspenseQuery'
