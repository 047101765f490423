// The same small app everywhere: one query, shown, invalidated once, and shown again.
import { createElement, useEffect } from 'react'
import { createRoot } from 'react-dom/client'

/** What `#out` says in the end, if all is well. */
export const EXPECTED = 'success: fetch 2, one instance'

/** The app on the entries it is given: `samekey` and `samekey/react`, or the slim ones. `Live` is shown beside it. */
export function appOn({ CoreClient, QueryClient, QueryClientProvider, useQuery, Live }) {
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

  return function start(element, origin) {
    const client = new QueryClient()
    const shown = [createElement(Greeting, { client, key: 'greeting' }), Live && createElement(Live, { origin, key: 'live' })]
    const root = createRoot(element)
    root.render(createElement(QueryClientProvider, { client }, shown))
    return root
  }
}
