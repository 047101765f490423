import { QueryClient } from 'samekey/react'
import { isRefusal } from './describe-error'
import { noteLookups } from './lookups'
import { noteUnwatched } from './unwatched-since'

/** After 1 s and 2 s: long enough for a hiccup, short enough that a person learns of an outage in seconds. */
const RETRIES = 2

/** How often a query that failed for good asks again by itself, so that an open page heals when the server is back. */
const RETRY_AFTER_FAILURE_MS = 10_000

/**
 * The one cache of this page. Freshness is not set here: each typed key brings its TTL from the schema, and the server
 * tells how much of it is left.
 */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (failures, error) => failures < RETRIES && !isRefusal(error),
      refetchInterval: ({ state }) => (state.status === 'error' && !isRefusal(state.error) ? RETRY_AFTER_FAILURE_MS : false),
    },
  },
})

noteLookups(queryClient.getQueryCache())
noteUnwatched(queryClient.getQueryCache())
