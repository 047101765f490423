/** @jest-environment node */
// CommonJS, untransformed, with Node's own fetch: a stream of invalidations, and a key that it covers.
const { createServer } = require('node:http')
const { defineFamily, environmentManager, QueryClient, QueryObserver } = require('samekey')
const { live } = require('samekey/live')
const { queryKeys } = require('samekey/shadower/keys')

const version = defineFamily('version:{of}', { ttl: 60_000 })
const server = createServer((_, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write('id: 1-0\nevent: hello\ndata: {"heartbeat_ms":15000}\n\n')
  streams.push(response)
})
const streams = []
beforeAll(() => new Promise((resolve) => server.listen(0, '127.0.0.1', resolve)))
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

it('refetches what the server says has changed', async () => {
  environmentManager.setIsServer(() => false)
  const client = new QueryClient()
  let fetches = 0
  const observer = new QueryObserver(client, { queryKey: version('Zürich'), queryFn: async () => ++fetches })
  const seen = (data) =>
    new Promise((resolve) => {
      const stop = observer.subscribe((result) => result.data === data && resolve(stop))
    })
  const end = await seen(1)
  const stream = live(client, { url: `http://127.0.0.1:${server.address().port}/stream` })
  await new Promise((resolve) => stream.subscribe(() => stream.status === 'open' && resolve()))
  const again = seen(2)
  streams[0].write('id: 2-0\nevent: invalidate\ndata: {"patterns":["version:*"],"reason":"test"}\n\n')
  ;[end, await again].forEach((stop) => stop())
  stream.stop()
  client.clear()
})

it('has the keys without the hooks', () => {
  expect([...queryKeys.kpis('ws1')]).toEqual(['exec', 'kpis', 'ws1'])
})
