import { changes } from '../changes'

export const dynamic = 'force-dynamic'

const frame = (id, event, data) => new TextEncoder().encode(`id: ${id}-0\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`)

/** A stream of invalidations, as a server of ours sends it. */
export function GET(request) {
  const body = new ReadableStream({
    start(stream) {
      stream.enqueue(frame(1, 'hello', { heartbeat_ms: 15_000 }))
      const stop = changes.onChange(() => stream.enqueue(frame(2, 'invalidate', { patterns: ['version:*'], reason: 'test' })))
      request.signal.addEventListener('abort', stop)
    },
  })
  return new Response(body, { headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' } })
}
