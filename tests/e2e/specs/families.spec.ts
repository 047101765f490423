import type { Locator, Page } from '@playwright/test'
import { DemoServer } from '../setup/demo-server'
import { expect, isSettled, PAGES, test } from '../setup/fixtures'
import { Redis } from '../setup/redis'

const [overview, , , cache] = PAGES

type Tier = 'browser' | 'server'

const cell = (page: Page, family: string, tier: Tier, column: string) =>
  page.locator(`tr[data-family="${family}"] td[data-of="${tier}"][data-column="${column}"]`)

const number = async (of: Locator) => Number((await of.textContent())?.replaceAll(',', ''))

const open = async (page: Page, name: 'Overview' | 'Cache') => {
  await page.getByRole('navigation', { name: 'Pages', exact: true }).getByRole('link', { name }).click()
  const { ready } = name === 'Cache' ? cache : overview
  await expect(ready(page)).toBeVisible()
}

/** The page from the overview on, so that there is something to show. */
const visit = async (page: Page) => {
  await page.goto(overview.path)
  await isSettled(page, overview.ready)
  await open(page, 'Cache')
  await expect(cell(page, 'executive', 'server', 'misses')).toHaveText(/^\d+$/)
}

test('a visit to a fresh page is a hit of its families in the browser, and asks the server nothing', async ({ page }) => {
  await visit(page)
  const of = (tier: Tier, column: string) => cell(page, 'executive', tier, column)
  const before = { hits: await number(of('browser', 'hits')), misses: await number(of('browser', 'misses')) }
  expect(before.misses).toBeGreaterThan(0)
  const asked = await number(of('server', 'process')) + (await number(of('server', 'misses')))
  await expect(of('browser', 'entries')).toHaveText('1')
  await expect(of('browser', 'fresh')).toHaveText('1')
  await expect(of('browser', 'stale')).toHaveText('0')
  await expect(of('browser', 'watched')).toHaveText('0')
  await expect(of('browser', 'size')).toHaveText(/^\d+(\.\d)? k?B$/)

  await open(page, 'Overview')
  await open(page, 'Cache')
  await expect.poll(() => number(of('browser', 'hits'))).toBeGreaterThan(before.hits)
  await expect(of('browser', 'misses')).toHaveText(String(before.misses))
  // Both at one instant, since the figures go on counting.
  const [hits, rate] = await page.locator('tr[data-family="executive"]').evaluate((row) => {
    const text = (column: string) => row.querySelector(`td[data-of="browser"][data-column="${column}"]`)?.textContent
    return [Number(text('hits')), text('rate')] as const
  })
  expect(rate).toBe(`${((100 * hits) / (hits + before.misses)).toFixed(1)}%`)
  expect((await number(of('server', 'process'))) + (await number(of('server', 'misses')))).toBe(asked)
})

test('an event makes its families stale in the browser, and the next visit is a miss and a compute', async ({ page }) => {
  await visit(page)
  const of = (tier: Tier, column: string) => cell(page, 'executive', tier, column)
  const [misses, computed] = [await number(of('browser', 'misses')), await number(of('server', 'computed'))]
  await page.getByRole('button', { name: 'Credit transaction' }).click()
  await expect(of('browser', 'stale')).toHaveText('1')
  await expect(of('browser', 'fresh')).toHaveText('0')
  // It is about money, and not about who was active.
  await expect(cell(page, 'workspace_overview', 'browser', 'stale')).toHaveText('0')

  await open(page, 'Overview')
  await open(page, 'Cache')
  await expect(of('browser', 'stale')).toHaveText('0')
  await expect(of('browser', 'fresh')).toHaveText('1')
  await expect.poll(() => number(of('browser', 'misses'))).toBeGreaterThan(misses)
  await expect(of('server', 'computed')).toHaveText(String(computed + 1))
  await expect(of('server', 'takes')).toHaveText(/^\d/)
})

test('what is on the screen is watched, and the families add up to what the cache counts', async ({ page }) => {
  await visit(page)
  await expect(cell(page, 'workspace_overview', 'browser', 'watched')).toHaveText('1')
  // All at one instant, since the figures go on counting.
  const { families, total } = await page.evaluate(() => {
    const sum = (column: string) =>
      Array.from(document.querySelectorAll(`td[data-of="browser"][data-column="${column}"]`), ({ textContent }) => Number(textContent)).reduce((a, b) => a + b)
    const tiers = document.querySelector('section[aria-label="Hits on both tiers"]')
    const [, hits, misses] = /(\d+) hits, (\d+) misses/.exec(tiers?.textContent ?? '') ?? []
    const entries = tiers?.querySelectorAll('data')[1]?.value
    return {
      families: { hits: sum('hits'), misses: sum('misses'), entries: sum('entries') },
      total: { hits: Number(hits), misses: Number(misses), entries: Number(entries) },
    }
  })
  expect(families).toEqual(total)
  expect(families.misses).toBeGreaterThan(0)
})

test('another window’s question is answered by the server’s process', async ({ page, context }) => {
  await visit(page)
  const process = cell(page, 'revenue', 'server', 'process')
  const before = await number(process)
  const other = await context.newPage()
  await other.goto(overview.path)
  await expect(overview.ready(other)).toBeVisible()
  await expect.poll(() => number(process)).toBeGreaterThan(before)
  await expect(cell(page, 'revenue', 'server', 'rate')).not.toHaveText('0.0%')
})

test('what another server has computed is answered by Redis, sensitive families too', async ({ browser }, { workerIndex }) => {
  const redis = await Redis.start()
  const nodes = await DemoServer.createNodes(`families-${workerIndex}`, 2, redis.url)
  const windows = await Promise.all(nodes.map(async ({ url }) => (await browser.newContext({ baseURL: url })).newPage()))
  const [first, second] = windows as [Page, Page]
  await visit(first)
  await visit(second)
  for (const family of ['executive', 'revenue']) {
    await expect(cell(first, family, 'server', 'computed'), family).toHaveText('1')
    await expect(cell(second, family, 'server', 'store'), family).toHaveText('1')
    await expect(cell(second, family, 'server', 'computed'), family).toHaveText('0')
    await expect(cell(second, family, 'server', 'rate'), family).toHaveText('100.0%')
  }
  for (const page of windows) await page.context().close()
  for (const node of nodes) await node.kill()
  await redis.stop()
})

test('a phone shows one tier at a time, and the switch says which', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 })
  await page.goto(cache.path)
  await expect(cache.ready(page)).toBeVisible()
  const hits = cell(page, 'workspace_overview', 'browser', 'hits')
  const computed = cell(page, 'workspace_overview', 'server', 'computed')
  await expect(hits).toBeVisible()
  await expect(computed).toBeHidden()
  await page.getByRole('radio', { name: 'The server' }).check({ force: true })
  await expect(hits).toBeHidden()
  await expect(computed).toBeVisible()
})
