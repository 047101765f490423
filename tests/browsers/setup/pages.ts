import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

/** The package as it is packed, unbundled: browsers load its modules as they are. */
const DIST = join(import.meta.dirname, '../../../pkg/dist')

const TYPES: Record<string, string> = { html: 'text/html; charset=utf-8', js: 'text/javascript', wasm: 'application/wasm' }

/** A page with an `<output>` and a module, and the packed package under `/dist`, while `use` runs with its address. */
export async function withPage(module: string, headers: Record<string, string>, use: (url: string) => Promise<void>): Promise<void> {
  const files: Record<string, string> = {
    '/': '<!doctype html><title>A page</title><output></output><script type="module" src="/main.js"></script>',
    '/main.js': module,
  }
  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? '/', 'http://host').pathname
    const type = TYPES[path.split('.')[1] ?? 'html'] ?? 'application/octet-stream'
    const body = files[path] ?? (path.startsWith('/dist/') ? await readFile(join(DIST, path.slice('/dist'.length))).catch(() => undefined) : undefined)
    if (body === undefined) response.writeHead(404).end()
    else response.writeHead(200, { 'content-type': type, ...headers }).end(body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}
