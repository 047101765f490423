'use client'
import { type ReactNode, useEffect, useMemo, useRef } from 'react'
import { hydrate, isNewer } from '../core/hydrate'
import type { QueryClient } from '../core/queryClient'
import type { DehydratedQuery, DehydratedState, HydrateOptions, OmitKeyof } from '../core/types'
import { useQueryClient } from './QueryClientProvider'

/** Props of `HydrationBoundary`. */
export interface HydrationBoundaryProps {
  /** What `dehydrate` returned, on the server or elsewhere. */
  state: DehydratedState | null | undefined
  options?: OmitKeyof<HydrateOptions, 'defaultOptions'> & {
    defaultOptions?: OmitKeyof<Exclude<HydrateOptions['defaultOptions'], undefined>, 'mutations'>
  }
  children?: ReactNode
  queryClient?: QueryClient
}

/** Puts dehydrated queries into the client before its children render: they show the data at once. */
export function HydrationBoundary({ children, options = {}, state, queryClient }: HydrationBoundaryProps): ReactNode {
  const client = useQueryClient(queryClient)
  const latest = useRef(options)
  useEffect(() => {
    latest.current = options
  })

  // Queries that are new go in during the render, so that children have them. Those that exist are on the screen that a
  // transition may still keep: they wait until this render is committed.
  const later = useMemo(() => {
    if (!state || typeof state !== 'object') return undefined
    const cache = client.getQueryCache()
    const fresh: DehydratedQuery[] = []
    const known: DehydratedQuery[] = []
    for (const dehydrated of (state as Partial<DehydratedState>).queries ?? []) {
      const query = cache.get(dehydrated.queryHash)
      if (!query) fresh.push(dehydrated)
      else if (isNewer(dehydrated, query)) known.push(dehydrated)
    }
    if (fresh.length > 0) hydrate(client, { queries: fresh }, latest.current)
    return known.length > 0 ? known : undefined
  }, [client, state])

  useEffect(() => {
    if (later) hydrate(client, { queries: later }, latest.current)
  }, [client, later])

  return children
}
