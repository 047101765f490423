/**
 * A server's stream, and what it tells of: `/version` is old when it is first asked for; then it changes, and `/stream` says
 * so. Answers what is asked of it, and gives whether it was.
 */
export function changingVersion() {
  const open = new Set()
  let changed = false
  const tell = (response) => response.write('id: 2-0\nevent: invalidate\ndata: {"patterns":["version:*"],"reason":"test"}\n\n')
  return (request, response) => {
    const { pathname } = new URL(request.url, 'http://x')
    if (pathname === '/version') {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ version: changed ? 'new' : 'old' }))
      if (changed) return true
      changed = true
      for (const stream of open) tell(stream)
      return true
    }
    if (pathname !== '/stream') return false
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    response.write('id: 1-0\nevent: hello\ndata: {"heartbeat_ms":15000}\n\n')
    open.add(response)
    response.on('close', () => open.delete(response))
    if (changed) tell(response)
    return true
  }
}
