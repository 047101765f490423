import AxeBuilder from '@axe-core/playwright'
import { expect, isSettled, PAGES, test } from '../setup/fixtures'

const [overview, agents] = PAGES

for (const colorScheme of ['light', 'dark'] as const) {
  for (const { name, path, ready } of PAGES) {
    test(`axe finds nothing on ${name}, ${colorScheme}`, async ({ page }) => {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await page.goto(path)
      await expect(ready(page)).toBeVisible()
      await expect(page.locator('[aria-busy=true]')).toHaveCount(0)
      const { violations } = await new AxeBuilder({ page }).analyze()
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`)).toEqual([])
    })
  }

  test(`axe finds nothing on the pages of one agent and one user, ${colorScheme}`, async ({ page, server }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    const [agent] = server.sql<{ id: string }>('SELECT public_id AS id FROM agents ORDER BY id LIMIT 1')
    const [user] = server.sql<{ id: string }>('SELECT public_id AS id FROM users ORDER BY id LIMIT 1')
    for (const path of [`/agents/${agent?.id}`, `/users/${user?.id}`]) {
      await page.goto(path)
      await expect(page.getByText('Success rate', { exact: true }).last()).toBeVisible()
      await expect(page.locator('[aria-busy=true]')).toHaveCount(0)
      const { violations } = await new AxeBuilder({ page }).analyze()
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`)).toEqual([])
    }
  })
}

test('the keyboard alone skips to the content, changes page and opens an agent', async ({ page }) => {
  await page.goto(overview.path)
  await expect(overview.ready(page)).toBeVisible()
  await page.keyboard.press('Tab')
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.locator('main')).toBeFocused()

  await page.getByRole('link', { name: 'Overview' }).first().focus()
  await page.keyboard.press('Tab')
  const link = page.getByRole('navigation', { name: 'Pages', exact: true }).getByRole('link', { name: 'Agents' })
  await expect(link).toBeFocused()
  const outline = await link.evaluate((element) => getComputedStyle(element).outlineStyle)
  expect(outline, 'the focus is visible').toBe('solid')
  await page.keyboard.press('Enter')
  // A row that is drawn anew would lose the focus.
  await isSettled(page, agents.ready)
  await page.getByRole('row').nth(1).getByRole('link').focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('region', { name: 'Key figures of the agent' })).toBeVisible()
})

test('arrow keys change the timeframe and read a chart’s values', async ({ page }) => {
  await page.goto(overview.path)
  await expect(overview.ready(page)).toBeVisible()
  await page.getByRole('radio', { name: 'last 7 days' }).focus()
  await page.keyboard.press('ArrowRight')
  await expect(page).toHaveURL(/timeframe=30d/)
  await isSettled(page, overview.ready)

  const chart = page.getByRole('slider', { name: /^Trend of runs/ })
  await chart.focus()
  await expect(chart).toHaveAttribute('aria-valuetext', /so far: Runs [\d,]+, Failed [\d,]+$/)
  await page.keyboard.press('Home')
  await expect(chart).toHaveAttribute('aria-valuetext', /^\w{3} \d+ \w+: Runs [\d,]+, Failed [\d,]+$/)
})

test('a changed column order is told to screen readers', async ({ page }) => {
  await page.goto(agents.path)
  await expect(agents.ready(page)).toBeVisible()
  await expect(page.getByRole('columnheader', { name: 'Runs' })).toHaveAttribute('aria-sort', 'descending')
  await page.getByRole('button', { name: 'Agent', exact: true }).press('Enter')
  await expect(page.getByRole('columnheader', { name: 'Agent' })).toHaveAttribute('aria-sort', 'ascending')
  await expect(page.getByRole('columnheader', { name: 'Runs' })).toHaveAttribute('aria-sort', 'none')
})
