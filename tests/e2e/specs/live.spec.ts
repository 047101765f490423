import type { Page } from '@playwright/test'
import { DemoServer } from '../setup/demo-server'
import { connection, expect, isSettled, PAGES, test } from '../setup/fixtures'
import { Redis } from '../setup/redis'
import { RequestLog } from '../setup/request-log'
import { StreamLog } from '../setup/stream-log'

const [overview, , , cache] = PAGES

/** The overview's number of runs, exact. */
const runs = async (page: Page) => Number(await page.locator('dt', { hasText: /^Runs$/ }).locator('..').locator('data').getAttribute('value'))

test('a page is told of changes, says so, and stops asking by itself', async ({ page }, { workerIndex }) => {
  // A server of its own: what another test had it compute a while ago would be at its end in between, and is asked for then.
  const server = await DemoServer.create(`polls-${workerIndex}`)
  const polls: string[] = []
  await page.goto(server.url + overview.path)
  await isSettled(page, overview.ready)
  page.on('request', (request) => request.url().includes('/metrics/realtime') && polls.push(request.url()))
  await page.clock.fastForward(20_000)
  await expect(connection(page)).toHaveText('Live')
  expect(polls).toEqual([])
  await server.kill()
})

test.describe('two windows on two servers over one Redis', () => {
  // Each test has its own: they kill what they are given.
  let redis: Redis
  let nodes: DemoServer[]
  let here: Page
  let there: Page

  test.beforeEach(async ({ browser }, { workerIndex, testId }) => {
    redis = await Redis.start()
    nodes = await DemoServer.createNodes(`nodes-${workerIndex}-${testId}`, 2, redis.url)
    const window = async ({ url }: DemoServer) => (await browser.newContext({ baseURL: url })).newPage()
    ;[here, there] = [await window(nodes[0]!), await window(nodes[1]!)]
    await here.goto(cache.path)
    await isSettled(here, cache.ready)
    await expect(here.getByLabel('Agent to invalidate')).not.toHaveValue('')
    await there.goto(overview.path)
    await isSettled(there, overview.ready)
  })

  test.afterEach(async () => {
    for (const page of [here, there]) await page?.context().close()
    for (const node of nodes ?? []) await node.kill()
    await redis?.stop()
  })

  const runAnAgent = () => here.getByRole('button', { name: 'Run an agent', exact: true }).click()

  test('what happens at one shows in the other, and nothing else is fetched', async () => {
    const before = await runs(there)
    const requests = new RequestLog(there)
    await runAnAgent()
    await expect.poll(() => runs(there)).toBe(before + 1)
    expect(requests.seen.filter((seen) => /revenue|active-users/.test(seen))).toEqual([])
  })

  test('an event posted to one is fetched anew in the other', async () => {
    const requests = new RequestLog(there)
    await here.getByRole('button', { name: 'Credit transaction', exact: true }).click()
    await expect.poll(() => requests.seen.filter((seen) => seen.includes('/executive/dashboard'))).toHaveLength(1)
    await expect.poll(() => requests.seen.filter((seen) => seen.includes('/executive/revenue'))).toHaveLength(1)
  })

  test('a key that another program deletes is fetched anew in both', async () => {
    const requests = [here, there].map((page) => new RequestLog(page))
    const workspace = await here.getByRole('combobox', { name: 'Workspace' }).inputValue()
    // A node that starts invalidates everything, and for a moment a deletion is taken for the echo of that.
    await nodes.at(-1)!.isOlderThan(6_000)
    // The panel at the side of every page.
    expect(redis.cli('DEL', `ws:overview:${workspace}`)).toBe('1')
    // Once or twice: both nodes see it happen, and either may say so first.
    for (const { seen } of requests) await expect.poll(() => seen.filter((path) => path.includes('/overview')).length).toBeGreaterThan(0)
  })

  test('a value that another program sets is told as one, and shows in both', async () => {
    const workspace = await here.getByRole('combobox', { name: 'Workspace' }).inputValue()
    const answer = await fetch(`${nodes[1]!.url}/api/v1/workspaces/${workspace}/overview`)
    const overview = (await answer.json()) as { agents: number }
    const stream = await StreamLog.of(nodes[1]!.url)
    // No such thing is in the history: whoever shows it has it from whom it was set by.
    nodes[0]!.set(`ws:overview:${workspace}`, { ...overview, agents: 4_321 })
    for (const page of [here, there]) await expect(page.getByText('4,321 agents')).toBeVisible()
    await expect.poll(() => stream.invalidations).toContainEqual({ patterns: [`ws:overview:${workspace}`], reason: 'set' })
    await stream.end()
  })

  test('a window whose server is killed says so, comes back with it, and has missed nothing', async () => {
    const before = await runs(there)
    await nodes[1]!.kill()
    await expect(connection(there)).toHaveText('Reconnecting')
    await runAnAgent()
    await expect(here.getByRole('log').getByRole('listitem')).toHaveCount(1)
    await nodes[1]!.start()
    await expect(connection(there)).toHaveText('Live')
    await expect.poll(() => runs(there)).toBe(before + 1)
    await runAnAgent()
    await expect.poll(() => runs(there)).toBe(before + 2)
  })
})
