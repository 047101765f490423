import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../../scripts/tests/free-port.js'
import { NOW } from './instant'

const STARTS_WITHIN_MS = 120_000

/**
 * A page asks what happened in the two seconds before it began. A server that is not so old cannot know, and then the page
 * fetches everything again: in the middle of a test that counts what it fetches.
 */
const KNOWS_ENOUGH_MS = 2_000

function required(name: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set; global-setup.ts sets it`)
  return value
}

/** The real demo server on a copy of the database, on a port of its own. It can be stopped and started again there. */
export class DemoServer {
  readonly url: string
  readonly #port: number
  readonly #database: string
  readonly #redisUrl: string | undefined
  #process: ChildProcess | undefined
  #startedAt = 0

  private constructor(port: number, database: string, redisUrl?: string) {
    this.#port = port
    this.#database = database
    this.#redisUrl = redisUrl
    this.url = `http://127.0.0.1:${port}`
  }

  static async create(name: string): Promise<DemoServer> {
    const folder = required('SAMEKEY_E2E_FOLDER')
    const database = join(folder, `${name}.sqlite`)
    copyFileSync(join(folder, 'demo.sqlite'), database)
    const server = new DemoServer(await freePort(), database)
    await server.start()
    await server.knowsEnough()
    return server
  }

  /** Several nodes of one service: one history, one Redis. */
  static async createNodes(name: string, count: number, redisUrl: string): Promise<DemoServer[]> {
    const folder = required('SAMEKEY_E2E_FOLDER')
    const database = join(folder, `${name}.sqlite`)
    copyFileSync(join(folder, 'demo.sqlite'), database)
    const nodes: DemoServer[] = []
    // One after the other: the first may bring the history up to date.
    for (let i = 0; i < count; i++) {
      const node = new DemoServer(await freePort(), database, redisUrl)
      await node.start()
      nodes.push(node)
    }
    await nodes.at(-1)?.knowsEnough()
    return nodes
  }

  async start(): Promise<void> {
    const args = ['--port', String(this.#port), '--www', required('SAMEKEY_WWW'), '--database', this.#database, '--now', NOW, '--no-simulate']
    // In-process store, unless a test says otherwise: a Redis that happens to be named in the environment would be shared
    // between workers.
    const { REDIS_URL: _, ...env } = process.env
    if (this.#redisUrl) {
      env.REDIS_URL = this.#redisUrl
      // On a busy machine, too.
      args.push('--redis-timeout-ms', '60000')
    }
    const child = spawn(required('SAMEKEY_DEMO'), args, { env, stdio: ['ignore', 'ignore', 'pipe'] })
    this.#process = child
    // Kept for the moment it does not start; otherwise nobody wants to read it between the tests.
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
    const deadline = Date.now() + STARTS_WITHIN_MS
    while (!(await this.#healthy())) {
      if (child.exitCode !== null) throw new Error(`the demo server ended with code ${child.exitCode}:\n${said}`)
      if (Date.now() > deadline) throw new Error(`the demo server did not answer ${this.url}/health within ${STARTS_WITHIN_MS} ms:\n${said}`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    this.#startedAt = Date.now()
  }

  /** Milliseconds since it first answered. */
  get age(): number {
    return Date.now() - this.#startedAt
  }

  /** Waits until a page that begins now can be told what happened just before. */
  async knowsEnough(): Promise<void> {
    await this.isOlderThan(KNOWS_ENOUGH_MS)
  }

  async isOlderThan(millis: number): Promise<void> {
    while (this.age <= millis) await new Promise((resolve) => setTimeout(resolve, millis - this.age + 1))
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM')
  }

  /** Without a farewell to anybody. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#process
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill(signal)
    await gone
    this.#process = undefined
  }

  /** Rows of a read-only statement on this server's database. */
  sql<Row>(statement: string): Row[] {
    const out = execFileSync(required('SAMEKEY_DEMO'), ['query', statement, '--database', this.#database], { encoding: 'utf8' })
    return JSON.parse(out) as Row[]
  }

  /** Sets a value as a program of its own does that shares the cache. */
  set(key: string, value: unknown): void {
    if (!this.#redisUrl) throw new Error('the cache of this server is its own')
    const env = { ...process.env, REDIS_URL: this.#redisUrl }
    execFileSync(required('SAMEKEY_DEMO'), ['set', key, JSON.stringify(value), '--database', this.#database], { env, stdio: 'pipe' })
  }

  async #healthy(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/health`)).ok
    } catch {
      return false
    }
  }
}
