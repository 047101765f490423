import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { DemoServer } from '../../e2e/setup/demo-server'
import { Browser } from '../setup/browser'
import { connection, dashboards, expectLive, ready, spend, streams, visit, workspace } from '../setup/dashboard'
import type { View } from '../setup/view'

let browser: Browser
let server: DemoServer

beforeAll(async () => {
  browser = await Browser.start()
})

afterAll(async () => {
  await browser?.stop()
})

// A server of its own for each test: it counts the streams.
beforeEach(async ({ task }) => {
  server = await DemoServer.create(`tabs-${browser.name}-${task.id}`)
})

afterEach(async () => {
  await browser.closeViews()
  await server.kill()
})

/** Opens windows one after the other, so that the first leads. */
async function live(count: number): Promise<View[]> {
  const views: View[] = []
  for (let i = 0; i < count; i++) {
    const view = await browser.open()
    await visit(view, server.url, 'Overview')
    await expectLive(view)
    views.push(view)
  }
  return views
}

/** Says that the workspace on the screen has spent credit, and waits until each of these has asked for its dashboard once. */
async function expectToldOnce(views: View[]): Promise<void> {
  for (const view of views) await view.forget()
  await spend(server.url, await workspace(views[0]!))
  for (const view of views) await expect.poll(() => dashboards(view)).toBe(1)
}

const expectStreams = (count: number) => expect.poll(() => streams(server.url), { message: 'streams at the server' }).toBe(count)

describe('windows of one browser', () => {
  test('have one stream, and an event refreshes them all', async () => {
    const views = await live(3)
    await expectStreams(1)
    await expectToldOnce(views)
    await expectStreams(1)
  })

  test('go on when the one that leads is closed, and miss nothing', async () => {
    const [first, ...others] = await live(3)
    await first!.close()
    await expectToldOnce(others)
    for (const view of others) await expectLive(view)
    await expectStreams(1)
  })

  test('miss nothing of what happens while the server is away', async () => {
    const views = await live(3)
    await server.kill()
    for (const view of views) await expect.poll(() => connection(view)).toBe('Reconnecting')
    for (const view of views) await view.forget()
    await server.start()
    for (const view of views) await expectLive(view)
    // Its log was in the process: nobody knows what happened, so all is fetched anew.
    for (const view of views) await expect.poll(() => dashboards(view)).toBeGreaterThan(0)
    await expectStreams(1)
  })

  test('give the stream on when the page that leads is left, and tell it on the way back what it missed', async () => {
    const [first, second] = (await live(2)) as [View, View]
    await first.goto(`${server.url}/blank.html`)
    await expectToldOnce([second])
    await expectStreams(1)
    const spent = Date.now()
    await first.back()
    await ready(first, 'Overview')
    await expectLive(first)
  // Kept by the browser or loaded anew: it has asked since.
    await expect.poll(() => first.read(`return witness.requests.some(({ path, at }) => path.includes('/executive/dashboard') && at >= arguments[0])`, spent)).toBe(true)
    await expectStreams(1)
  })

  test('have a stream each where the browser has no Web Locks, and an event refreshes them all', async () => {
    const views: View[] = []
    for (let i = 0; i < 2; i++) {
      const view = await browser.open()
      await view.goto(`${server.url}/blank.html`)
      await view.read(`sessionStorage.without = 'locks'`)
      await visit(view, server.url, 'Overview')
      await expectLive(view)
      expect(await view.read('return typeof navigator.locks')).toBe('undefined')
      views.push(view)
    }
    await expectStreams(2)
    await expectToldOnce(views)
  })
})

test('a page that nobody sees fetches nothing, and what it missed when it is seen again', async () => {
  const [page, other] = (await live(2)) as [View, View]
  await page.forget()
  await page.hide()
  await expectToldOnce([other])
  await page.show()
  await expect.poll(() => dashboards(page)).toBe(1)
  expect(await page.read('return witness.requests.filter(({ visible }) => !visible)')).toEqual([])
  await expectLive(page)
})
