'use client'
import { createContext, type JSX, type ReactNode, useContext, useEffect } from 'react'
import type { QueryClient } from '../core/queryClient'

/** Holds the client for the hooks below the provider. */
export const QueryClientContext = createContext<QueryClient | undefined>(undefined)

/** The client given, else the one of the nearest provider. Throws when there is neither. */
export function useQueryClient(queryClient?: QueryClient): QueryClient {
  const provided = useContext(QueryClientContext)
  const client = queryClient ?? provided
  if (!client) throw new Error('No QueryClient set, use QueryClientProvider to set one')
  return client
}

/** What `QueryClientProvider` takes. */
export type QueryClientProviderProps = {
  client: QueryClient
  children?: ReactNode
}

/** Gives a client to the hooks below, and lets it follow focus and network while it is mounted. */
export function QueryClientProvider({ client, children }: QueryClientProviderProps): JSX.Element {
  useEffect(() => {
    client.mount()
    return () => client.unmount()
  }, [client])

  return <QueryClientContext.Provider value={client}>{children}</QueryClientContext.Provider>
}
