// The app of node-import.mjs and node-require.cjs: a fetch through the cache, a render on the server.
exports.run = async function run({ core, react, createElement, renderToString }) {
  const { QueryClient } = core
  const { QueryClientProvider, useQuery } = react
  const client = new QueryClient()
  let fetches = 0
  const options = { queryKey: ['greeting', 'Zürich'], queryFn: async () => ({ fetch: ++fetches }), staleTime: 60_000 }
  await Promise.all([client.fetchQuery(options), client.fetchQuery(options)])
  await client.fetchQuery(options)
  const Greeting = () => createElement('p', null, `fetch ${useQuery(options).data.fetch}`)
  const html = renderToString(createElement(QueryClientProvider, { client }, createElement(Greeting)))
  client.clear()
  return { fetches, html, oneInstance: core.QueryClient === react.QueryClient }
}
