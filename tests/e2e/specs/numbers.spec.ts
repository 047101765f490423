import type { Locator, Page } from '@playwright/test'
import type { DemoServer } from '../setup/demo-server'
import { expect, test } from '../setup/fixtures'
import { NOW } from '../setup/instant'
import { windowOf, type Timeframe } from '../setup/windows'

const whole = (value: number) => new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 }).format(value)
const share = (value: number) =>
  new Intl.NumberFormat('en-US', { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(value)

interface Sums {
  runs: number
  succeeded: number
  failed: number
  credits: number
}

/** Straight from the runs, never from the day tables the server may use: two ways to one number. */
function sums(server: DemoServer, where: string, timeframe: Timeframe): Sums {
  const { start, end } = windowOf(timeframe)
  const [row] = server.sql<Sums>(
    `SELECT COUNT(*) AS runs, COALESCE(SUM(r.status = 'succeeded'), 0) AS succeeded, COALESCE(SUM(r.status = 'failed'), 0) AS failed,
            COALESCE(SUM(r.credits), 0) AS credits
     FROM runs r WHERE ${where} AND r.started_at >= ${start} AND r.started_at < ${end}`,
  )
  if (!row) throw new Error('no sums')
  return row
}

function activeUsers(server: DemoServer, workspace: number, timeframe: Timeframe): number {
  const { start, end } = windowOf(timeframe)
  const [row] = server.sql<{ active: number }>(
    `SELECT COUNT(*) AS active FROM (
       SELECT user FROM runs WHERE workspace = ${workspace} AND started_at >= ${start} AND started_at < ${end}
       UNION SELECT user FROM activity WHERE workspace = ${workspace} AND at >= ${start} AND at < ${end})`,
  )
  return row?.active ?? 0
}

function workspaces(server: DemoServer): { id: number; public_id: string }[] {
  return server.sql('SELECT id, public_id FROM workspaces ORDER BY id')
}

/** The value beside a label, as it is read. */
function figure(scope: Page | Locator, label: string): Locator {
  return scope.locator('dt', { hasText: new RegExp(`^${label}$`) }).locator('xpath=following-sibling::dd[1]//data')
}

for (const timeframe of ['1h', '24h', '7d', '30d', '90d'] as const) {
  test(`the overview of ${timeframe} shows what the database says`, async ({ page, server }) => {
    const workspace = workspaces(server)[timeframe.length % 3]
    if (!workspace) throw new Error('no workspace')
    const expected = sums(server, `r.workspace = ${workspace.id}`, timeframe)
    await page.goto(`/?workspace=${workspace.public_id}&timeframe=${timeframe}`)

    const figures = page.getByRole('region', { name: 'Key figures' })
    await expect(figure(figures, 'Runs')).toHaveText(whole(expected.runs))
    await expect(figure(figures, 'Credits')).toHaveText(whole(expected.credits))
    const finished = expected.succeeded + expected.failed
    await expect(figure(figures, 'Success rate')).toHaveText(expected.runs === 0 ? '–' : share(finished === 0 ? 0 : expected.succeeded / finished))

    const [plan] = server.sql<{ cents: number }>(
      `SELECT COALESCE(SUM(monthly_cents), 0) AS cents FROM subscriptions
       WHERE workspace = ${workspace.id} AND started_at <= ${Date.parse(NOW)} AND (ended_at IS NULL OR ended_at > ${Date.parse(NOW)})`,
    )
    await expect(figure(figures, 'MRR')).toHaveText(`$${whole((plan?.cents ?? 0) / 100)}`)
  })
}

test('daily, weekly and monthly active users are the distinct users of the database', async ({ page, server }) => {
  const workspace = workspaces(server)[0]
  if (!workspace) throw new Error('no workspace')
  await page.goto(`/?workspace=${workspace.public_id}`)
  const rows = page.getByRole('region', { name: 'Active users' }).getByRole('listitem')
  await expect(rows.filter({ hasText: 'DAU' })).toContainText(whole(activeUsers(server, workspace.id, '24h')))
  await expect(rows.filter({ hasText: 'WAU' })).toContainText(whole(activeUsers(server, workspace.id, '7d')))
  await expect(rows.filter({ hasText: 'MAU' })).toContainText(whole(activeUsers(server, workspace.id, '30d')))
})

test('the top agents are the busiest of the database, in order', async ({ page, server }) => {
  const workspace = workspaces(server)[0]
  if (!workspace) throw new Error('no workspace')
  const { start, end } = windowOf('30d')
  const busiest = server.sql<{ name: string; runs: number }>(
    `SELECT a.name, COUNT(*) AS runs FROM runs r JOIN agents a ON a.id = r.agent
     WHERE r.workspace = ${workspace.id} AND r.started_at >= ${start} AND r.started_at < ${end}
     GROUP BY a.id ORDER BY runs DESC, a.id LIMIT 10`,
  )
  await page.goto(`/?workspace=${workspace.public_id}&timeframe=30d`)
  const rows = page.getByRole('region', { name: 'Top agents' }).locator('tbody tr')
  await expect(rows).toHaveCount(busiest.length)
  for (const [place, agent] of busiest.entries()) {
    await expect(rows.nth(place).getByRole('link')).toHaveText(agent.name)
    await expect(rows.nth(place).getByRole('cell').nth(1)).toHaveText(whole(agent.runs))
  }
})

test('an agent’s page shows its runs, its failures by reason and its credits', async ({ page, server }) => {
  const [agent] = server.sql<{ id: number; public_id: string; name: string }>(
    'SELECT a.id, a.public_id, a.name FROM agents a JOIN runs r ON r.agent = a.id GROUP BY a.id ORDER BY COUNT(*) DESC LIMIT 1',
  )
  if (!agent) throw new Error('no agent')
  const expected = sums(server, `r.agent = ${agent.id}`, '90d')
  const { start, end } = windowOf('90d')
  const reasons = server.sql<{ times: number }>(
    `SELECT COUNT(*) AS times FROM runs WHERE agent = ${agent.id} AND status = 'failed' AND started_at >= ${start} AND started_at < ${end}
     GROUP BY error ORDER BY times DESC`,
  )
  await page.goto(`/agents/${agent.public_id}?timeframe=90d`)
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(agent.name)
  const figures = page.getByRole('region', { name: 'Key figures of the agent' })
  await expect(figure(figures, 'Runs')).toHaveText(whole(expected.runs))
  await expect(figure(figures, 'Credits')).toHaveText(whole(expected.credits))
  await expect(figure(figures, 'Success rate')).toHaveText(share(expected.succeeded / (expected.succeeded + expected.failed)))
  const failures = page.getByRole('region', { name: 'Failures' }).getByRole('listitem')
  await expect(failures).toHaveCount(reasons.length)
  for (const [place, reason] of reasons.entries()) await expect(failures.nth(place)).toContainText(whole(reason.times))
})

test('a user’s page shows what the user did on the day of the address', async ({ page, server }) => {
  const [day] = server.sql<{ public_id: string; name: string; user: number; day: number; runs: number }>(
    `SELECT u.public_id, u.name, u.id AS user, r.started_at / 86400000 AS day, COUNT(*) AS runs
     FROM runs r JOIN users u ON u.id = r.user GROUP BY u.id, day ORDER BY runs DESC LIMIT 1`,
  )
  if (!day) throw new Error('no user')
  const date = new Date(day.day * 86_400_000).toISOString().slice(0, 10)
  await page.goto(`/users/${day.public_id}?date=${date}`)
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(day.name)
  await expect(page.getByText(new RegExp(`^${whole(day.runs)} runs, `))).toBeVisible()
})

test('a run made by the simulator is on the overview the next moment', async ({ page, server }) => {
  const workspace = workspaces(server)[1]
  if (!workspace) throw new Error('no workspace')
  const before = sums(server, `r.workspace = ${workspace.id}`, '24h')
  await page.goto(`/?workspace=${workspace.public_id}&timeframe=24h`)
  const runs = figure(page.getByRole('region', { name: 'Key figures' }), 'Runs')
  await expect(runs).toHaveText(whole(before.runs))

  await page.getByRole('navigation', { name: 'Pages', exact: true }).getByRole('link', { name: 'Cache' }).click()
  await page.getByRole('button', { name: 'Run an agent' }).click()
  await expect(page.getByRole('log')).toContainText('Run an agent')
  await page.getByRole('navigation', { name: 'Pages', exact: true }).getByRole('link', { name: 'Overview' }).click()

  const after = sums(server, `r.workspace = ${workspace.id}`, '24h')
  expect(after.runs).toBe(before.runs + 1)
  await expect(runs).toHaveText(whole(after.runs))
})

test('what changed elsewhere is there after a reload, though the browser was told how long the old data lives', async ({ page, server, request }) => {
  const workspace = workspaces(server)[2]
  if (!workspace) throw new Error('no workspace')
  const before = sums(server, `r.workspace = ${workspace.id}`, '24h')
  await page.goto(`/?workspace=${workspace.public_id}&timeframe=24h`)
  const runs = figure(page.getByRole('region', { name: 'Key figures' }), 'Runs')
  await expect(runs).toHaveText(whole(before.runs))

  const response = await request.post('/api/v1/demo/simulate', { data: { workspace_id: workspace.public_id, kind: 'run', count: 3 } })
  expect(response.ok()).toBe(true)
  await page.reload()
  await expect(runs).toHaveText(whole(before.runs + 3))
})
