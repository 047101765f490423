import type { Locator, Page } from '@playwright/test'
import { expect, isSettled, PAGES, returnToTab, test } from '../setup/fixtures'
import { NOW } from '../setup/instant'

const MINUTE_MS = 60_000
const [overview, agents, , cache] = PAGES

const open = (page: Page, name: string) => page.getByRole('navigation', { name: 'Pages', exact: true }).getByRole('link', { name }).click()

test('going back to a fresh page makes no request', async ({ page, requests }) => {
  await page.goto(overview.path)
  // What is left before it has come is given up, and asked for again.
  const settled = async (ready: (page: Page) => Locator) => {
    await isSettled(page, ready)
    await requests.areAnswered()
  }
  await settled(overview.ready)
  await open(page, 'Agents')
  await settled(agents.ready)
  await page.getByRole('row').nth(1).getByRole('link').click()
  await settled((page) => page.getByRole('region', { name: 'Key figures of the agent' }))

  requests.clear()
  await page.goBack()
  await expect(agents.ready(page)).toBeVisible()
  await open(page, 'Overview')
  await expect(overview.ready(page)).toBeVisible()
  await expect(page.getByText('Loading')).toHaveCount(0)
  expect(requests.seen).toEqual([])
})

test('pointing at an agent loads its page ahead, and opening it asks no more', async ({ page, requests }) => {
  await page.goto(agents.path)
  await isSettled(page, agents.ready)
  await requests.areAnswered()
  const link = page.getByRole('row').nth(3).getByRole('link')
  requests.clear()
  const loaded = page.waitForResponse((response) => response.url().includes('/analytics?'))
  await link.hover()
  await loaded
  expect(requests.seen).toHaveLength(1)
  await link.click()
  await expect(page.getByRole('region', { name: 'Key figures of the agent' })).toBeVisible()
  expect(requests.seen).toHaveLength(1)
})

test('an invalidation refetches what is shown and only that', async ({ page, requests }) => {
  await page.goto(overview.path)
  await expect(overview.ready(page)).toBeVisible()
  await open(page, 'Cache')
  await expect(cache.ready(page)).toBeVisible()
  await expect(page.getByLabel('Agent to invalidate')).not.toHaveValue('')
  await expect(page.getByLabel('User to invalidate')).not.toHaveValue('')
  await isSettled(page, cache.ready)
  await requests.areAnswered()

  // Of the workspace's families only the side panel's is on the screen; the overview's lie unwatched in the cache.
  requests.clear()
  await page.getByRole('button', { name: 'Invalidate workspace' }).click()
  await expect(page.getByRole('log')).toContainText('1 on the screen and refetched')
  const workspace = await page.getByRole('combobox', { name: 'Workspace' }).inputValue()
  // The stream tells the page what to fetch, and that may come after the button's own answer.
  const only = ['POST /api/v1/cache/invalidate', `GET /api/v1/workspaces/${workspace}/overview`]
  await expect.poll(() => requests.seen).toEqual(only)
  await requests.areAnswered()
  expect(requests.seen).toEqual(only)

  // What was unwatched was marked all the same: it is fetched once it is shown again.
  requests.clear()
  await open(page, 'Overview')
  await expect.poll(() => requests.seen.filter((seen) => seen.includes('/executive/dashboard'))).toHaveLength(1)
})

test('an invalidation by key prefix stays in the browser', async ({ page, requests }) => {
  await page.goto(overview.path)
  await expect(overview.ready(page)).toBeVisible()
  await open(page, 'Cache')
  await expect(cache.ready(page)).toBeVisible()
  const row = page.locator('tr[data-key^="exec:dashboard:"]')
  await expect(row).toContainText('fresh')
  await expect(page.getByLabel('Agent to invalidate')).not.toHaveValue('')
  await expect(page.getByLabel('User to invalidate')).not.toHaveValue('')
  await isSettled(page, cache.ready)
  await requests.areAnswered()
  requests.clear()
  await page.getByLabel('Key prefix to invalidate in this browser').selectOption({ label: 'exec' })
  await page.getByRole('button', { name: 'In this browser' }).click()
  await expect(row).toContainText('stale')
  expect(requests.seen).toEqual([])
})

test('what the server did is shown family by family, as it happens', async ({ page }) => {
  await page.goto(cache.path)
  await expect(cache.ready(page)).toBeVisible()
  const computed = page.locator('tr[data-family="workspace_overview"] td[data-of="server"][data-column="computed"]')
  await expect(computed).toHaveText(/^\d+$/)
  const before = Number(await computed.textContent())
  // The side panel shows the workspace's overview, so it is computed anew.
  await page.getByRole('button', { name: 'Invalidate workspace' }).click()
  await expect.poll(async () => Number(await computed.textContent())).toBeGreaterThan(before)
})

test('an event reaches both tiers through the schema’s patterns', async ({ page }) => {
  await page.goto(overview.path)
  await expect(overview.ready(page)).toBeVisible()
  await open(page, 'Cache')
  await expect(cache.ready(page)).toBeVisible()
  const dashboard = page.locator('tr[data-key^="exec:dashboard:"]')
  const panel = page.locator('tr[data-key^="ws:overview:"]')
  await expect(dashboard).toContainText('fresh')
  await page.getByRole('button', { name: 'Credit transaction' }).click()
  await expect(page.getByRole('log')).toContainText('metrics:credits:')
  await expect(dashboard).toContainText('stale')
  await expect(panel).toContainText('fresh')
})

test('every button of the cache page works, on the tier it names', async ({ page }) => {
  await page.goto(cache.path)
  await expect(cache.ready(page)).toBeVisible()
  await expect(page.getByLabel('Agent to invalidate')).not.toHaveValue('')
  await expect(page.getByLabel('User to invalidate')).not.toHaveValue('')
  const buttons = [
    ...['Invalidate workspace', 'Invalidate agent', 'Invalidate user', 'Invalidate pattern', 'In this browser'],
    ...['Agent run started', 'Agent run completed', 'User activity', 'Workspace updated', 'Credit transaction', 'Report generated'],
    ...['Run an agent', 'Be a user', 'Buy credits'],
  ]
  const entries = page.getByRole('log').getByRole('listitem')
  for (const [done, name] of buttons.entries()) {
    await page.getByRole('button', { name, exact: true }).click()
    await expect(entries).toHaveCount(done + 1)
    await expect(entries.first()).toHaveAttribute('data-failed', 'false')
    await expect(entries.first()).toContainText(name === 'In this browser' ? 'Browser: ' : 'Server: ')
  }
})

test('a pattern that cannot be one is refused with the reason', async ({ page }) => {
  await page.goto(cache.path)
  await expect(cache.ready(page)).toBeVisible()
  await page.getByLabel('Pattern to invalidate').fill('*')
  await page.getByRole('button', { name: 'Invalidate pattern' }).click()
  await expect(page.getByRole('log').getByRole('listitem')).toHaveAttribute('data-failed', 'true')
})

test('a stale page refetches on focus, a fresh one does not', async ({ page, requests }) => {
  await page.goto(agents.path)
  await isSettled(page, agents.ready)
  await requests.areAnswered()
  requests.clear()
  await returnToTab(page)
  await expect(page.getByText('Fresh', { exact: true })).toBeVisible()
  expect(requests.seen).toEqual([])

  await page.clock.fastForward(31 * MINUTE_MS)
  await expect(page.getByText('Stale', { exact: true })).toBeVisible()
  expect(requests.seen.filter((seen) => seen.includes('/agents/top'))).toEqual([])
  await returnToTab(page)
  await expect(page.getByText('Fresh', { exact: true })).toBeVisible()
  expect(requests.seen.filter((seen) => seen.includes('/agents/top'))).toHaveLength(1)
})

test('an entry is fresh for what the server has left of its life, and the cache page counts that down', async ({ page }) => {
  const answered = page.waitForResponse((response) => response.url().includes('/agents/top'))
  const now = () => page.evaluate(() => Date.now())
  const earliest = Date.parse(NOW)
  await page.goto(agents.path)
  const left = Number(/max-age=(\d+)/.exec((await (await answered).headerValue('cache-control')) ?? '')?.[1])
  expect(left).toBeGreaterThan(4 * 60)
  await expect(agents.ready(page)).toBeVisible()
  const latest = await now()
  await open(page, 'Cache')
  const row = page.locator('tr[data-key^="agent:top:"]')
  await expect(row).toContainText('fresh')
  await expect(row.getByRole('cell').last()).toHaveText('0')
  await expect(page.locator('tr[data-key^="ws:overview:"]').getByRole('cell').last()).toHaveText('1')
  const before = (await now()) + 2 * MINUTE_MS
  await page.clock.fastForward(2 * MINUTE_MS)
  await expect(row.getByRole('cell').nth(4)).toHaveText(/^[2-9] min$/)
  const [age, freshFor] = await row.getByRole('cell').evaluateAll((cells) => cells.slice(4, 6).map(({ textContent }) => parseInt(textContent)))
  const after = await now()
  // The data came between `earliest` and `latest`, and was shown between `before` and `after`, by the page's clock: that goes
  // on while we look. A second is rounded before the minutes are counted.
  const minutes = (millis: number) => Math.floor(millis / MINUTE_MS)
  expect(age).toBeGreaterThanOrEqual(minutes(before - latest - 500))
  expect(age).toBeLessThanOrEqual(minutes(after - earliest + 500))
  expect(freshFor).toBeGreaterThanOrEqual(minutes(earliest + left * 1_000 - after - 500))
  expect(freshFor).toBeLessThanOrEqual(minutes(latest + left * 1_000 - before + 500))
})

test('the timeframe and the workspace are in the address, and the address brings them back', async ({ page }) => {
  await page.goto(overview.path)
  await expect(overview.ready(page)).toBeVisible()
  await page.getByRole('combobox', { name: 'Workspace' }).selectOption({ index: 4 })
  await page.getByRole('radio', { name: 'last 30 days' }).check({ force: true })
  const workspace = await page.getByRole('combobox', { name: 'Workspace' }).inputValue()
  await expect(page).toHaveURL(new RegExp(`workspace=${workspace}.*timeframe=30d`))

  const copy = await page.context().newPage()
  await copy.goto(page.url())
  await expect(copy.getByRole('combobox', { name: 'Workspace' })).toHaveValue(workspace)
  await expect(copy.getByRole('radio', { name: 'last 30 days' })).toBeChecked()
})

test("the browser's own cache never answers in the server's place: an own query function sees an invalidation, too", async ({ page }) => {
  const answered = page.waitForResponse((response) => response.url().includes('/agents/top'))
  await page.goto(agents.path)
  const url = (await answered).url()
  await page.goto(cache.path)
  await expect(cache.ready(page)).toBeVisible()
  const ask = () => page.evaluate(async (url) => (await fetch(url)).headers.get('x-cache'), url)
  expect(await ask()).toBe('HIT')
  await page.request.post('/api/v1/cache/invalidate', { data: { pattern: 'agent:top:*' } })
  expect(await ask()).toBe('MISS')
})
