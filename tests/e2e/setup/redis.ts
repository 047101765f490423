import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../../scripts/tests/free-port.js'

const STARTS_WITHIN_MS = 120_000

/** A real Redis on a port of its own, in a folder of its own, that remembers nothing. */
export class Redis {
  readonly url: string
  readonly #port: number
  readonly #folder: string
  readonly #process: ChildProcess

  private constructor(port: number) {
    this.#port = port
    this.url = `redis://127.0.0.1:${port}`
    this.#folder = mkdtempSync(join(tmpdir(), 'samekey-redis-'))
    const settings = ['--bind', '127.0.0.1', '--port', String(port), '--dir', this.#folder, '--save', '', '--appendonly', 'no']
    this.#process = spawn('redis-server', settings, { stdio: 'ignore' })
  }

  static async start(): Promise<Redis> {
    let redis = new Redis(await freePort())
    for (const deadline = Date.now() + STARTS_WITHIN_MS; Date.now() < deadline; ) {
      try {
        // Not another one that took the port first: then ours has ended.
        if (redis.cli('INFO', 'server').includes(`process_id:${redis.#process.pid}\r`)) return redis
      } catch {
        // Not yet.
      }
      if (redis.#process.exitCode !== null) redis = new Redis(await freePort())
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    throw new Error(`redis-server did not answer within ${STARTS_WITHIN_MS} ms`)
  }

  /** What another program says to it. */
  cli(...words: string[]): string {
    return execFileSync('redis-cli', ['-p', String(this.#port), ...words], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  }

  async stop(): Promise<void> {
    const gone = once(this.#process, 'exit')
    this.#process.kill('SIGKILL')
    await gone
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
