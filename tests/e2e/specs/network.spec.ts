import { expect, isSettled, PAGES, test } from '../setup/fixtures'

const [overview, agents] = PAGES

test('offline pauses a fetch, and the network resumes it', async ({ page, context, requests }) => {
  await page.goto(overview.path)
  await isSettled(page, overview.ready)
  await requests.areAnswered()
  await context.setOffline(true)
  await expect(page.getByText('You are offline.')).toBeVisible()

  requests.clear()
  await page.getByRole('navigation', { name: 'Pages', exact: true }).getByRole('link', { name: 'Agents' }).click()
  await expect(page.getByText('Offline: this loads as soon as the network is back.')).toBeVisible()
  expect(requests.seen).toEqual([])

  await context.setOffline(false)
  await expect(agents.ready(page)).toBeVisible()
  await expect(page.getByText('You are offline.')).toBeHidden()
  expect(requests.seen.filter((seen) => seen.includes('/agents/top'))).toHaveLength(1)
})

test('what is cached stays readable while offline', async ({ page, context }) => {
  await page.goto(overview.path)
  await isSettled(page, overview.ready)
  await page.getByRole('navigation', { name: 'Pages', exact: true }).getByRole('link', { name: 'Agents' }).click()
  await isSettled(page, agents.ready)
  await context.setOffline(true)
  await page.getByRole('navigation', { name: 'Pages', exact: true }).getByRole('link', { name: 'Overview' }).click()
  await expect(overview.ready(page)).toBeVisible()
  await expect(page.getByText('You are offline.')).toBeVisible()
})

test.describe('with the server down', () => {
  test.afterEach(async ({ server }) => {
    await server.stop()
    await server.start()
  })

  test('a page says so and what to do, and recovers when asked', async ({ page, server }) => {
    await page.goto(overview.path)
    await expect(overview.ready(page)).toBeVisible()
    await server.stop()
    await page.getByRole('navigation', { name: 'Pages', exact: true }).getByRole('link', { name: 'Agents' }).click()
    const fault = page.getByRole('alert')
    await expect(fault).toContainText('the server cannot be reached')
    await expect(fault).toContainText('Check that the demo server is running')

    await server.start()
    await fault.getByRole('button').click()
    await expect(agents.ready(page)).toBeVisible()
    await expect(fault).toHaveCount(0)
  })

  test('a page heals by itself once the server is back', async ({ page, server }) => {
    await page.goto(overview.path)
    await expect(overview.ready(page)).toBeVisible()
    await server.stop()
    await page.getByRole('navigation', { name: 'Pages', exact: true }).getByRole('link', { name: 'Agents' }).click()
    await expect(page.getByRole('alert')).toBeVisible()
    await server.start()
    await page.clock.fastForward(11_000)
    await expect(agents.ready(page)).toBeVisible()
  })

  test('a failed refresh leaves the data on the screen and says how old it is', async ({ page, server }) => {
    await page.goto(agents.path)
    await expect(agents.ready(page)).toBeVisible()
    await server.stop()
    await page.getByRole('button', { name: 'Refresh' }).click()
    await expect(page.getByText('The server cannot be reached. Showing the agents as of')).toBeVisible()
    await expect(agents.ready(page)).toBeVisible()
  })
})

test('an unknown agent is an error with advice, not an empty page', async ({ page }) => {
  await page.goto('/agents/no-such-agent')
  await expect(page.getByRole('alert')).toContainText('Choose another from the list')
})

test('an unknown workspace in the address is told, and another can be chosen', async ({ page }) => {
  await page.goto('/?workspace=ws-nowhere')
  await expect(page.getByRole('alert')).toContainText('there is no workspace')
  await page.getByRole('combobox', { name: 'Workspace' }).selectOption({ index: 1 })
  await expect(overview.ready(page)).toBeVisible()
})
