import { QueryClient } from 'samekey'
import { QueryClient as SameClient } from 'samekey/react'
import { Greeting } from './Greeting'

// A server component: the cache, and the wasm in it, run in Node while the page is made.
export const dynamic = 'force-dynamic'

export default async function Page() {
  const client = new QueryClient()
  let fetches = 0
  const options = { queryKey: ['greeting', 'server'], queryFn: async () => ({ fetch: ++fetches }), staleTime: 60_000 }
  await Promise.all([client.fetchQuery(options), client.fetchQuery(options)])
  const { fetch } = client.getQueryData(options.queryKey)
  client.clear()
  return (
    <main>
      <p id="server">{`server: fetch ${fetch}, ${QueryClient === SameClient ? 'one instance' : 'two instances'}`}</p>
      <Greeting />
    </main>
  )
}
