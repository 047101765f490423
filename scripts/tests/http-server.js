#!/usr/bin/env node
/**
 * A server on 127.0.0.1 that answers as the request's address says, so that a test's case stands whole in the test.
 * Prints its origin, and ends when its input does: whoever started it cannot leave it behind. `http-server.js 47613` takes
 * that port if it is free.
 *
 *   /answer?status=404&body=…   and, with any other name, a header of the answer (`etag`, `cache-control`, …).
 *                               `wait` holds the answer back for milliseconds; `stall` sends its head and no more.
 *                               An `If-None-Match` that is the `etag` gets a 304.
 *   /headers                    the request's headers
 *   /seen?name=…                how many requests with this `name` have `begun`, and how many the client `aborted`
 *   /closed                     an origin where nobody listens
 */
import { createServer } from 'node:http'
import { freePort } from './free-port.js'

const seen = new Map()
const ROUTES = { '/answer': answer, '/headers': headers, '/seen': counts, '/closed': closed }

const server = createServer((request, response) => {
  allowCrossOrigin(request, response)
  if (request.method === 'OPTIONS') return response.writeHead(204).end()
  const { pathname, searchParams } = new URL(request.url, origin(server))
  const route = ROUTES[pathname] ?? ((_request, to) => to.writeHead(501).end('no such route'))
  void route(request, response, searchParams)
})
// The port that was asked for, else any: whoever compiles the address into a test need not do so again each time.
const listen = (port) => server.listen(port, '127.0.0.1')
server.on('listening', () => console.log(origin(server)))
server.once('error', () => listen(0))
listen(Number(process.argv[2] ?? 0))
process.stdin.resume().on('end', () => process.exit())

function answer(request, response, params) {
  const { status = '200', body = '', wait = '0', stall, name, ...fields } = Object.fromEntries(params)
  count(name, response)
  for (const [field, value] of Object.entries(fields)) response.setHeader(field, value)
  const timer = setTimeout(() => {
    if (fields.etag && request.headers['if-none-match'] === fields.etag) return response.writeHead(304).end()
    response.statusCode = Number(status)
    if (stall === undefined) return response.end(body)
    // One byte more than ever comes.
    response.setHeader('content-length', Buffer.byteLength(body) + 1)
    response.write(body)
  }, Number(wait))
  response.on('close', () => clearTimeout(timer))
}

function headers(request, response) {
  json(response, request.headers)
}

function counts(_request, response, params) {
  json(response, seen.get(params.get('name')) ?? { begun: 0, aborted: 0 })
}

async function closed(_request, response) {
  json(response, `http://127.0.0.1:${await freePort()}`)
}

function count(name, response) {
  const counter = seen.get(name) ?? { begun: 0, aborted: 0 }
  seen.set(name, counter)
  counter.begun += 1
  response.on('close', () => { if (!response.writableFinished) counter.aborted += 1 })
}

function allowCrossOrigin(request, response) {
  // The origin by name, not `*`: that is not enough for a request with cookies.
  response.setHeader('access-control-allow-origin', request.headers.origin ?? '*')
  response.setHeader('access-control-allow-credentials', 'true')
  response.setHeader('access-control-allow-headers', request.headers['access-control-request-headers'] ?? '')
  response.setHeader('access-control-expose-headers', 'ETag, Cache-Control')
}

function json(response, value) {
  response.setHeader('content-type', 'application/json').end(JSON.stringify(value))
}

function origin(listening) {
  return `http://127.0.0.1:${listening.address().port}`
}
