'use client'
import { useEffect, useState } from 'react'
import { QueryClient as CoreClient } from 'samekey'
import { QueryClient, QueryClientProvider, useQuery, useQueryClient } from 'samekey/react'

let fetches = 0

function Shown() {
  const client = useQueryClient()
  const queryFn = async () => ({ fetch: ++fetches })
  const { data, status } = useQuery({ queryKey: ['greeting', { who: 'Zürich' }], queryFn, staleTime: 60_000 })
  useEffect(() => {
    if (data?.fetch === 1) void client.invalidateQueries({ queryKey: ['greeting'] })
  }, [client, data])
  return <p id="out">{`${status}: fetch ${data?.fetch ?? 0}, ${CoreClient === QueryClient ? 'one instance' : 'two instances'}`}</p>
}

export function Greeting() {
  const [client] = useState(() => new QueryClient())
  return (
    <QueryClientProvider client={client}>
      <Shown />
    </QueryClientProvider>
  )
}
