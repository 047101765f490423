import { live } from 'samekey/live'
import { queryClient } from './query-client'

/**
 * What the server invalidates is told to this page as it happens. Connected here, before anything is fetched, so that the
 * stream is asked for what happened since. While it is open, polls of the schema's families rest.
 */
export const stream = live(queryClient, { url: '/api/v1/cache/stream' })
