import { test as base, expect, type Page } from '@playwright/test'
import { DemoServer } from './demo-server'
import { NOW } from './instant'
import { RequestLog } from './request-log'

interface ForTest {
  /** The API requests of the page, in order. */
  requests: RequestLog
}

interface ForWorker {
  server: DemoServer
}

/** Playwright's `test` with the real server behind `page`, and a browser clock that begins at the server's instant. */
export const test = base.extend<ForTest, ForWorker>({
  server: [
    async ({}, use, worker) => {
      const server = await DemoServer.create(`worker-${worker.workerIndex}`)
      await use(server)
      await server.stop()
    },
    { scope: 'worker' },
  ],
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
