import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { chromium, type BrowserContext, type Page } from '@playwright/test'
import { DemoServer } from '../setup/demo-server'
import { connection, expect, isSettled, PAGES, test, returnToTab } from '../setup/fixtures'
import { RequestLog } from '../setup/request-log'

const [overview] = PAGES

test.describe('tabs of one browser', () => {
  // A server of its own for each test: it counts the streams.
  let server: DemoServer
  let context: BrowserContext

  test.beforeEach(async ({ browser }, { workerIndex, testId }) => {
    server = await DemoServer.create(`tabs-${workerIndex}-${testId}`)
    context = await browser.newContext({ baseURL: server.url })
  })

  test.afterEach(async () => {
    await context?.close()
    await server?.kill()
  })

  /** How many streams the server has. */
  async function streams(): Promise<number> {
    const stats = (await (await fetch(`${server.url}/api/v1/cache/stats`)).json()) as { stream: { streams_open: number } }
    return stats.stream.streams_open
  }

  async function opened(): Promise<Page> {
    const page = await context.newPage()
    await page.goto(overview.path)
    await isSettled(page, overview.ready)
    return page
  }

  /** Opens tabs one after the other, so that the first leads. */
  async function openedAndLive(count: number): Promise<Page[]> {
    const pages: Page[] = []
    for (let i = 0; i < count; i++) pages.push(await opened())
    await expect.poll(streams).toBe(1)
    return pages
  }

  /** Says that the workspace on the screen has spent credit. Gives how often each page has asked for its dashboard since. */
  async function spent(pages: Page[]): Promise<() => number[]> {
    const workspace = await pages.at(-1)!.getByRole('combobox', { name: 'Workspace' }).inputValue()
    const requests = pages.map((page) => new RequestLog(page))
    const answer = await fetch(`${server.url}/api/v1/events`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ event: 'credit_transaction', workspace_id: workspace }),
    })
    expect(answer.ok).toBe(true)
    return () => requests.map(({ seen }) => seen.filter((path) => path.includes('/executive/dashboard')).length)
  }

  test('have one stream, and an event refreshes them all', async () => {
    const pages = await openedAndLive(3)
    const asked = await spent(pages)
    await expect.poll(asked).toEqual([1, 1, 1])
    await expect.poll(streams).toBe(1)
  })

  test('ten of them load their data over HTTP/1.1', async () => {
    // Ten pages at once are work for a small machine.
    test.slow()
    const pages = await Promise.all(Array.from({ length: 10 }, () => context.newPage()))
    await Promise.all(pages.map((page) => page.goto(overview.path)))
    for (const page of pages) {
      await expect(overview.ready(page)).toBeVisible()
      await expect(connection(page)).toHaveText('Live')
    }
    await expect.poll(streams).toBe(1)
  })

  test('go on when the one that leads is closed, and miss nothing', async () => {
    const [first, ...others] = await openedAndLive(3)
    await first!.close()
    const asked = await spent(others)
    await expect.poll(asked).toEqual([1, 1])
    for (const page of others) await expect(connection(page)).toHaveText('Live')
    await expect.poll(streams).toBe(1)
  })

  test('go on when the one that leads crashes, and miss nothing', async () => {
    const [first, ...others] = await openedAndLive(3)
    const crashed = first!.waitForEvent('crash')
    // Never answered: there is nobody left to do so.
    void (await context.newCDPSession(first!)).send('Page.crash').catch(() => {})
    await crashed
    const asked = await spent(others)
    await expect.poll(asked).toEqual([1, 1])
    await expect.poll(streams).toBe(1)
    for (const page of others) await expect(connection(page)).toHaveText('Live')
  })

  test('depose one that hangs when somebody looks, and it follows when it is back', async () => {
    test.slow()
    const [first, ...others] = await openedAndLive(3)
    // A page stands still while it waits for an answer in the old way.
    let goesOn!: () => void
    const over = new Promise<void>((resolve) => (goesOn = resolve))
    let begun!: () => void
    const stands = new Promise<void>((resolve) => (begun = resolve))
    await first!.route('**/stand-still', async (route) => {
      begun()
      await over
      await route.fulfill({ body: '' })
    })
    const hangs = first!.evaluate(() => {
      const request = new XMLHttpRequest()
      request.open('GET', '/stand-still', false)
      request.send()
    })
    await stands
    const asked = await spent(others)
    for (const page of others) await returnToTab(page)
    await expect.poll(asked).toEqual([1, 1])
    goesOn()
    await hangs
    await expect.poll(streams).toBe(1)
    for (const page of [first!, ...others]) await expect(connection(page)).toHaveText('Live')
    const then = await spent([first!, ...others])
    await expect.poll(then).toEqual([1, 1, 1])
  })

  test('miss nothing of what happens while the server is away', async () => {
    const pages = await openedAndLive(3)
    await server.kill()
    for (const page of pages) await expect(connection(page)).toHaveText('Reconnecting')
    const requests = pages.map((page) => new RequestLog(page))
    await server.start()
    for (const page of pages) await expect(connection(page)).toHaveText('Live')
    // Its log was in the process: nobody knows what happened, so all is fetched anew.
    await expect.poll(() => requests.map(({ seen }) => seen.some((path) => path.includes('/executive/dashboard')))).toEqual([true, true, true])
    await expect.poll(streams).toBe(1)
  })

  test('are kept by the browser when they are left, and told on the way back what they missed', async ({ launchOptions }) => {
    test.slow()
    // Playwright switches it off.
    const browser = await chromium.launch({ ...launchOptions, ignoreDefaultArgs: ['--disable-back-forward-cache'] })
    try {
      await context.close()
      context = await browser.newContext({ baseURL: server.url })
      const [first, second] = (await openedAndLive(2)) as [Page, Page]
      await first.evaluate(() => addEventListener('pageshow', ({ persisted }) => document.body.setAttribute('data-kept', String(persisted))))
      await first.goto('/health')
      const asked = await spent([second])
      await expect.poll(asked).toEqual([1])
      await expect.poll(streams).toBe(1)
      const missed = new RequestLog(first)
      await first.evaluate(() => history.back())
      await expect(first.locator('body')).toHaveAttribute('data-kept', 'true')
      await expect(connection(first)).toHaveText('Live')
      await expect.poll(() => missed.seen.filter((path) => path.includes('/executive/dashboard'))).toHaveLength(1)
      await expect.poll(streams).toBe(1)
    } finally {
      await browser.close()
    }
  })

  test.describe('with tokens', () => {
    /** A page of a few lines on the packed package, so that each may have a token of its own. */
    async function openedWith(token: string): Promise<Page> {
      const page = await context.newPage()
      const dist = join(import.meta.dirname, '../../../www/node_modules/samekey/dist')
      expect(existsSync(join(dist, 'live.js')), 'www has the packed package').toBe(true)
      await page.route('**/samekey/**', (route) => route.fulfill({ path: join(dist, new URL(route.request().url()).pathname.replace('/samekey/', '')) }))
      await page.route('**/token.html', (route) =>
        route.fulfill({
          contentType: 'text/html',
          body: `<!doctype html><output></output><script type="module">
            globalThis.process = { env: {} }
            const { QueryClient } = await import('/samekey/core.js')
            const { live } = await import('/samekey/live.js')
            const stream = live(new QueryClient(), { url: '/api/v1/cache/stream', token: ${JSON.stringify(token)} })
            const show = () => (document.querySelector('output').textContent = stream.status)
            stream.subscribe(show)
            show()
          </script>`,
        }),
      )
      await page.goto('/token.html')
      await expect(page.locator('output')).toHaveText('open')
      return page
    }

    test('share a stream if the token is one, and never if it is another', async () => {
      await openedWith('ada')
      await openedWith('ada')
      await expect.poll(streams).toBe(1)
      await openedWith('grace')
      await expect.poll(streams).toBe(2)
    })
  })
})
