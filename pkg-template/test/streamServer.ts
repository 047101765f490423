import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** How a client asked for the stream, and a way to speak to it. */
export interface Visit {
  url: string
  headers: IncomingMessage['headers']
  /** Whether the client, or the server, ended it. */
  readonly closed: boolean
  write(bytes: string | Uint8Array): void
  /** An orderly end. */
  end(): void
  /** The connection breaks. */
  break(): void
}

/** An invalidation in the server's log. */
interface Entry {
  id: number
  patterns: string[]
  reason: string
}

/**
 * A real server of server-sent events, with the log and the words of ours: it greets, tells what is appended, and resumes
 * behind `Last-Event-ID`. A test may take over whatever it wants to go wrong.
 */
export class StreamServer {
  readonly visits: Visit[] = []
  /** Refuses with this status instead. */
  status = 200
  /** Says nothing by itself: the test speaks. */
  mute = false
  /** What the greeting says besides. */
  greeting: Record<string, unknown> = { heartbeat_ms: 15_000, looked_back: true }
  answerHeaders: Record<string, string> = {}
  /** Who may come; `undefined` lets everybody in. */
  token: string | undefined
  /** The first id that the log still has. */
  reachesBackTo = 0
  #log: Entry[] = []
  #latest = 100
  #port = 0
  #server = this.#create()

  /** Starts, on the same port as before if there was one. */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(this.#port, '127.0.0.1', resolve))
    this.#port = (this.#server.address() as AddressInfo).port
    return `http://127.0.0.1:${this.#port}/stream`
  }

  /** Goes as a killed process does: all connections break, and none is taken. */
  async kill(): Promise<void> {
    for (const visit of this.visits) visit.break()
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
    this.#server = this.#create()
  }

  /** Appends to the log, and tells who is there. */
  invalidate(patterns: string[], reason = 'test'): void {
    const entry = { id: ++this.#latest, patterns, reason }
    this.#log.push(entry)
    for (const visit of this.visits) if (!visit.closed) visit.write(frame(entry))
  }

  /** The visits that go on. */
  get open(): Visit[] {
    return this.visits.filter((visit) => !visit.closed)
  }

  get last(): Visit {
    return this.visits.at(-1)!
  }

  #create() {
    return createServer((request, response) => this.#answer(request, response))
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    let closed = false
    response.on('close', () => (closed = true))
    this.visits.push({
      url: request.url ?? '',
      headers: request.headers,
      get closed() {
        return closed
      },
      write: (bytes) => void (closed || response.write(bytes)),
      end: () => response.end(),
      break: () => request.socket.destroy(),
    })
    const refused = this.token !== undefined && request.headers.authorization !== `Bearer ${this.token}`
    const status = refused ? 401 : this.status
    response.writeHead(status, { 'content-type': 'text/event-stream', ...this.answerHeaders })
    if (status !== 200) return void response.end('{}')
    response.flushHeaders()
    if (this.mute) return
    response.write(`id: ${this.#latest}-0\nevent: hello\ndata: ${JSON.stringify(this.greeting)}\n\n`)
    const last = request.headers['last-event-id']
    if (typeof last !== 'string') return
    if (parseInt(last) < this.reachesBackTo) return void response.write(`event: reset\ndata: {"why":"the log does not reach back"}\n\n`)
    for (const entry of this.#log) if (entry.id > parseInt(last)) response.write(frame(entry))
  }
}

function frame({ id, patterns, reason }: Entry): string {
  return `id: ${id}-0\nevent: invalidate\ndata: ${JSON.stringify({ patterns, reason })}\n\n`
}
