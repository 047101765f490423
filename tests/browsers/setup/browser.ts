import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { Builder, type WebDriver } from 'selenium-webdriver'
import { inject } from 'vitest'
import { freePort } from '../../../scripts/tests/free-port.js'
import type { BrowserName } from './chosen'
import { programsOf } from './programs'
import { View } from './view'

const STARTS_WITHIN_MS = 60_000

/** A real browser behind its driver, for one file of tests. */
export class Browser {
  readonly name: BrowserName
  readonly #driver: WebDriver
  readonly #program: ChildProcess
  readonly #session: string
  /** The window it began with. It stays, so that the browser does. */
  readonly #first: string

  private constructor(name: BrowserName, driver: WebDriver, program: ChildProcess, session: string, first: string) {
    this.name = name
    this.#driver = driver
    this.#program = program
    this.#session = session
    this.#first = first
  }

  /** The browser that this project of the run is about. */
  static async start(): Promise<Browser> {
    const name = inject('browser')
    const { driver, args, capabilities } = programsOf(name)
    const port = await freePort()
    const env = { ...process.env, ...(process.env.SAMEKEY_DISPLAY && { DISPLAY: process.env.SAMEKEY_DISPLAY }), LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8' }
    const program = spawn(driver, args(port), { env, stdio: 'ignore' })
    const url = `http://127.0.0.1:${port}`
    try {
      await answers(url, program)
      const web = await new Builder().disableEnvironmentOverrides().usingServer(url).withCapabilities(capabilities).build()
      const session = `${url}/session/${(await web.getSession()).getId()}`
      return new Browser(name, web, program, session, await web.getWindowHandle())
    } catch (error) {
      program.kill()
      throw error
    }
  }

  /** A window of its own, which is seen, as wide as a desk's. */
  async open(): Promise<View> {
    await this.#driver.switchTo().newWindow('window')
    const view = new View(this.#driver, await this.#driver.getWindowHandle())
    await view.resize(1200, 900)
    return view
  }

  /** Closes what tests have opened. */
  async closeViews(): Promise<void> {
    for (const handle of await this.#driver.getAllWindowHandles()) {
      if (handle === this.#first) continue
      await this.#driver.switchTo().window(handle)
      await this.#driver.close()
    }
    await this.#driver.switchTo().window(this.#first)
  }

  /** The version as the browser itself says it. */
  async version(): Promise<string> {
    const capabilities = await this.#driver.getCapabilities()
    return String(capabilities.getBrowserVersion())
  }

  /** A command of the driver's own making, beyond the standard. */
  async command(path: string, body: unknown): Promise<unknown> {
    const answer = await fetch(this.#session + path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })
    const { value } = (await answer.json()) as { value: unknown }
    if (!answer.ok) throw new Error(`${path}: ${JSON.stringify(value)}`)
    return value
  }

  async stop(): Promise<void> {
    await this.#driver.quit().catch(() => {})
    const gone = once(this.#program, 'exit')
    if (this.#program.exitCode === null && this.#program.signalCode === null) {
      this.#program.kill()
      await gone
    }
  }
}

async function answers(url: string, program: ChildProcess): Promise<void> {
  for (const deadline = Date.now() + STARTS_WITHIN_MS; Date.now() < deadline; ) {
    if (program.exitCode !== null) throw new Error(`${program.spawnfile} ended with code ${program.exitCode}`)
    const ready = await fetch(`${url}/status`).then(({ ok }) => ok, () => false)
    if (ready) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`${program.spawnfile} did not answer within ${STARTS_WITHIN_MS} ms`)
}
