import { test as base, expect, type Locator, type Page } from '@playwright/test'
import { DemoServer } from './demo-server'
import { NOW } from './instant'
import { RequestLog } from './request-log'

interface ForTest {
  /** The API requests of the page, in order. */
  requests: RequestLog
  /** What is behind `page`. */
  server: DemoServer
}

interface ForWorker {
  servers: { current(): Promise<DemoServer> }
}

/**
 * A server is replaced by another when it is so old: what it was asked for first lives five minutes, and is fetched again when
 * they are over, in the middle of a test that counts what is fetched.
 */
const OLDEST_MS = 120_000

/** Playwright's `test` with the real server behind `page`, and a browser clock that begins at the server's instant. */
export const test = base.extend<ForTest, ForWorker>({
  servers: [
    async ({}, use, { workerIndex }) => {
      let server: DemoServer | undefined
      let count = 0
      await use({
        async current() {
          if (server && server.age > OLDEST_MS) await server.stop()
          if (!server || server.age > OLDEST_MS) server = await DemoServer.create(`worker-${workerIndex}-${count++}`)
          await server.knowsEnough()
          return server
        },
      })
      await server?.stop()
    },
    { scope: 'worker' },
  ],
  server: async ({ servers }, use) => use(await servers.current()),
  baseURL: async ({ server }, use) => use(server.url),
  page: async ({ page }, use) => {
    // The clock runs on by itself; tests move it forward where staleness needs time.
    await page.clock.install({ time: NOW })
    const faults: string[] = []
    page.on('pageerror', (error) => faults.push(error.message))
    await use(page)
    expect(faults, 'no uncaught error in the page').toEqual([])
  },
  requests: async ({ page }, use) => use(new RequestLog(page)),
})

/** How the page says it stands with the stream. */
export const connection = (page: Page) => page.getByRole('status', { name: 'Connection' })

/** The page has all of its data, and is told of changes: from here on nothing is fetched without a reason. */
export async function isSettled(page: Page, ready: (page: Page) => Locator) {
  await expect(ready(page)).toBeVisible()
  await expect(page.locator('[aria-busy=true]')).toHaveCount(0)
  await expect(connection(page)).toHaveText('Live')
}

/** Every page of the dashboard, with what shows that its data is there. */
export const PAGES = [
  { name: 'overview', path: '/', ready: (page: Page) => page.getByRole('region', { name: 'Top agents' }).getByRole('row').nth(1) },
  { name: 'agents', path: '/agents', ready: (page: Page) => page.getByRole('row').nth(1) },
  { name: 'users', path: '/users', ready: (page: Page) => page.getByRole('region', { name: 'People' }).getByRole('row').nth(1) },
  { name: 'cache', path: '/cache', ready: (page: Page) => page.getByText('Server hit rate') },
] as const

/** Says that this tab was hidden and is seen again, as a browser does when one comes back to it. */
export async function returnToTab(page: Page) {
  await page.evaluate(() => {
    const show = (state: DocumentVisibilityState) => {
      Object.defineProperty(document, 'visibilityState', { value: state, configurable: true })
      document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))
    }
    show('hidden')
    show('visible')
  })
}

export { expect }
