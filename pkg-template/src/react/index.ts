export * from '../core'
export { HydrationBoundary, type HydrationBoundaryProps } from './HydrationBoundary'
export {
  type DefinedInitialDataInfiniteOptions,
  infiniteQueryOptions,
  type UndefinedInitialDataInfiniteOptions,
  type UnusedSkipTokenInfiniteOptions,
} from './infiniteQueryOptions'
export { mutationOptions } from './mutationOptions'
export {
  QueryClientContext,
  QueryClientProvider,
  type QueryClientProviderProps,
  useQueryClient,
} from './QueryClientProvider'
export {
  type QueryErrorClearResetFunction,
  type QueryErrorIsResetFunction,
  QueryErrorResetBoundary,
  type QueryErrorResetBoundaryFunction,
  type QueryErrorResetBoundaryProps,
  type QueryErrorResetBoundaryValue,
  type QueryErrorResetFunction,
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
export { type FamilyHookOptions, useFamilyQuery } from './useFamilyQuery'
export { useInfiniteQuery } from './useInfiniteQuery'
export { useIsFetching } from './useIsFetching'
export { useMutation } from './useMutation'
export { useIsMutating, useMutationState } from './useMutationState'
export { usePrefetchInfiniteQuery, type UsePrefetchInfiniteQueryOptions } from './usePrefetchInfiniteQuery'
export { usePrefetchQuery } from './usePrefetchQuery'
export { useQueries } from './useQueries'
export type { QueriesOptions, QueriesResults } from './useQueriesTypes'
export { useQuery } from './useQuery'
export { useSuspenseInfiniteQuery } from './useSuspenseInfiniteQuery'
export { type SuspenseQueriesOptions, type SuspenseQueriesResults, useSuspenseQueries } from './useSuspenseQueries'
export { type TypedSuspenseOptions, useSuspenseQuery } from './useSuspenseQuery'
