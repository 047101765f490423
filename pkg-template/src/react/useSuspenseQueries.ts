'use client'
/* eslint-disable @typescript-eslint/no-explicit-any -- inferred from the literal */
import { useMemo } from 'react'
import type { QueryClient } from '../core/queryClient'
import { skipToken } from '../core/skipToken'
import { useQueryClient } from './QueryClientProvider'
import { suspending } from './suspending'
import type { UseQueryResult, UseSuspenseQueryOptions, UseSuspenseQueryResult } from './types'
import { useQueries } from './useQueries'
import type { OptionsOf, QueriesOptions, QueriesResults } from './useQueriesTypes'

/** The options of each query of a tuple. */
export type SuspenseQueriesOptions<T extends any[]> = QueriesOptions<T>

/** The results of each query of a tuple, all of which have data. */
export type SuspenseQueriesResults<T extends any[]> = Settled<QueriesResults<T>>

type Settled<TResults extends any[]> = {
  [K in keyof TResults]: TResults[K] extends UseQueryResult<infer TData, infer TError>
    ? UseSuspenseQueryResult<TData, TError>
    : never
}

/** As `useQueries`, for components inside a `<Suspense>`: all queries are fetched side by side, and each result has data. */
export function useSuspenseQueries<T extends any[], TCombinedResult = SuspenseQueriesResults<T>>(
  {
    queries,
    ...options
  }: {
    queries: readonly [...QueriesOptions<T>] | readonly [...{ [K in keyof T]: OptionsOf<T[K]> }]
    combine?: (results: SuspenseQueriesResults<T>) => TCombinedResult
  },
  queryClient?: QueryClient,
): TCombinedResult {
  const client = useQueryClient(queryClient)
  const suspended = useMemo(
    () =>
      (queries as readonly UseSuspenseQueryOptions[]).map((query) => {
        if (process.env.NODE_ENV !== 'production' && query.queryFn === (skipToken as unknown)) {
          console.error('skipToken is not allowed for useSuspenseQueries')
        }
        return suspending(client, query)
      }),
    [queries, client],
  )
  return useQueries({ ...options, queries: suspended } as never, client)
}
