import { QueryClient } from 'samekey'
import { dehydrate, HydrationBoundary, QueryClient as SameClient } from 'samekey/react'
import { figures } from './figures'
import { Greeting } from './Greeting'
import { Prefetched } from './Prefetched'
import { Providers } from './Providers'

// A server component: the cache, and the wasm in it, run in Node while the page is made.
export const dynamic = 'force-dynamic'

export default async function Page() {
  const client = new QueryClient()
  let fetches = 0
  const options = { queryKey: ['greeting', 'server'], queryFn: async () => ({ fetch: ++fetches }), staleTime: 60_000 }
  await Promise.all([client.fetchQuery(options), client.fetchQuery(options)])
  const { fetch } = client.getQueryData(options.queryKey)
  await client.prefetchQuery({ queryKey: figures('Zürich'), queryFn: async () => ({ users: 735 }) })
  const state = dehydrate(client)
  client.clear()
  return (
    <main>
      <p id="server">{`server: fetch ${fetch}, ${QueryClient === SameClient ? 'one instance' : 'two instances'}`}</p>
      <Providers>
        <HydrationBoundary state={state}>
          <Prefetched />
        </HydrationBoundary>
        <Greeting />
      </Providers>
    </main>
  )
}
