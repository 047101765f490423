const { createServer } = require('node:http')

/** What a stream says of itself when a server has greeted it. */
async function statusOf({ core, live, client }) {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('event: hello\ndata: {"heartbeat_ms":15000}\n\n')
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  // Elsewhere a server render has no use for a stream.
  core.environmentManager.setIsServer(() => false)
  const stream = live.live(client, { url: `http://127.0.0.1:${server.address().port}` })
  await new Promise((resolve) => stream.subscribe(resolve))
  const { status } = stream
  stream.stop()
  core.environmentManager.setIsServer(() => true)
  server.closeAllConnections()
  server.close()
  return status
}

// The app of node-import.mjs and node-require.cjs: a fetch through the cache, a render on the server.
exports.run = async function run({ core, react, live, liveReact, createElement, renderToString }) {
  const { QueryClient } = core
  const { QueryClientProvider, useQuery } = react
  const client = new QueryClient()
  let fetches = 0
  const options = { queryKey: ['greeting', 'Zürich'], queryFn: async () => ({ fetch: ++fetches }), staleTime: 60_000 }
  await Promise.all([client.fetchQuery(options), client.fetchQuery(options)])
  await client.fetchQuery(options)
  const Greeting = () => createElement('p', null, `fetch ${useQuery(options).data.fetch}`)
  const html = renderToString(createElement(QueryClientProvider, { client }, createElement(Greeting)))
  const status = await statusOf({ core, live, client })
  client.clear()
  return { status, oneStream: live.live === liveReact.live && typeof liveReact.useLive === 'function', fetches, html, oneInstance: core.QueryClient === react.QueryClient }
}
