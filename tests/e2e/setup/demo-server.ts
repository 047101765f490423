import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { NOW } from './instant'

const STARTS_WITHIN_MS = 15_000

function required(name: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set; global-setup.ts sets it`)
  return value
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}

/** The real demo server on a copy of the database, on a port of its own. It can be stopped and started again there. */
export class DemoServer {
  readonly url: string
  readonly #port: number
  readonly #database: string
  #process: ChildProcess | undefined

  private constructor(port: number, database: string) {
    this.#port = port
    this.#database = database
    this.url = `http://127.0.0.1:${port}`
  }

  static async create(name: string): Promise<DemoServer> {
    const folder = required('SAMEKEY_E2E_FOLDER')
    const database = join(folder, `${name}.sqlite`)
    copyFileSync(join(folder, 'demo.sqlite'), database)
    const server = new DemoServer(await freePort(), database)
    await server.start()
    return server
  }

  async start(): Promise<void> {
    const args = ['--port', String(this.#port), '--www', required('SAMEKEY_WWW'), '--database', this.#database, '--now', NOW, '--no-simulate']
    // In-process store: a Redis that happens to be named in the environment would be shared between workers.
    const { REDIS_URL: _, ...env } = process.env
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
  }

  async stop(): Promise<void> {
    const child = this.#process
    if (!child || child.exitCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGTERM')
    await gone
    this.#process = undefined
  }

  /** Rows of a read-only statement on this server's database. */
  sql<Row>(statement: string): Row[] {
    const out = execFileSync(required('SAMEKEY_DEMO'), ['query', statement, '--database', this.#database], { encoding: 'utf8' })
    return JSON.parse(out) as Row[]
  }

  async #healthy(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/health`)).ok
    } catch {
      return false
    }
  }
}
