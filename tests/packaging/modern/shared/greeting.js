// The same small app everywhere: one query, shown, invalidated once, and shown again.
import { createElement, useEffect } from 'react'
import { createRoot } from 'react-dom/client'

/** What `#out` says in the end, if all is well. */
export const EXPECTED = 'success: fetch 2, one instance'

/** The app on the entries it is given: `samekey` and `samekey/react`, or the slim ones. */
export function appOn({ CoreClient, QueryClient, QueryClientProvider, useQuery }) {
  let fetches = 0

  function Greeting({ client }) {
    const queryFn = async () => ({ fetch: ++fetches })
    const { data, status } = useQuery({ queryKey: ['greeting', { who: 'Zürich' }], queryFn, staleTime: 60_000 })
    useEffect(() => {
      if (data?.fetch === 1) void client.invalidateQueries({ queryKey: ['greeting'] })
    }, [client, data])
    const shared = CoreClient === QueryClient ? 'one instance' : 'two instances'
    return createElement('p', { id: 'out' }, `${status}: fetch ${data?.fetch ?? 0}, ${shared}`)
  }

  return function start(element) {
    const client = new QueryClient()
    createRoot(element).render(createElement(QueryClientProvider, { client }, createElement(Greeting, { client })))
  }
}
