import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One answer, and what to do before it. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void

/**
 * A real server on a free port; a test says how it answers. Each test has one of its own: a request that another left
 * behind, a poll that was on its way when it was aborted, cannot reach it.
 */
export class EndpointServer {
  /** What was asked, in order: method-less, as `path?query`. */
  readonly asked: string[] = []
  readonly headers: Array<IncomingMessage['headers']> = []
  /** How many clients hung up before they were answered. */
  hungUp = 0
  answer: Answer = json({})
  readonly #server = createServer((request, response) => {
    this.asked.push(request.url ?? '')
    this.headers.push(request.headers)
    response.on('close', () => {
      if (!response.writableEnded) this.hungUp++
    })
    this.answer(request, response)
  })

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  reset(): void {
    this.asked.length = 0
    this.headers.length = 0
    this.hungUp = 0
    this.answer = json({})
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

/** Answers with JSON. */
export function json(body: unknown, headers: Record<string, string> = {}, status = 200): Answer {
  return (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(JSON.stringify(body))
  }
}

/** As a server of ours: an entity tag, what is left of the TTL, and 304 to whoever has it already. */
export function tagged(body: unknown, etag: string, maxAge: number): Answer {
  return (request, response) => {
    const headers = { etag, 'cache-control': `private, no-cache, max-age=${maxAge}` }
    if (request.headers['if-none-match'] === etag) {
      response.writeHead(304, headers)
      response.end()
    } else {
      json(body, headers)(request, response)
    }
  }
}

/** Never answers. */
export const silence: Answer = () => {}
