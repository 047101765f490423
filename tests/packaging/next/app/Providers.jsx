'use client'
import { useState } from 'react'
import { QueryClient, QueryClientProvider } from 'samekey/react'

export function Providers({ children }) {
  const [client] = useState(() => new QueryClient())
  return <QueryClientProvider client={client}>{children}</QueryClientProvider>
}
