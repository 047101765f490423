import { expect, PAGES, test } from '../setup/fixtures'

const SIZES = [
  { name: 'a small phone', width: 360, height: 740 },
  { name: 'a phone', width: 390, height: 844 },
  { name: 'a tablet', width: 820, height: 1180 },
  { name: 'a desk', width: 1440, height: 900 },
] as const

const [overview] = PAGES

for (const { name, width, height } of SIZES) {
  test(`no page scrolls sideways on ${name}, light or dark`, async ({ page }) => {
    await page.setViewportSize({ width, height })
    for (const { path, ready } of PAGES) {
      await page.goto(path)
      await expect(ready(page)).toBeVisible()
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        const beyond = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
        expect(beyond, `${path} in ${colorScheme}`).toBe(0)
      }
    }
  })
}

test('the system’s theme applies until one is chosen, and the choice survives a reload', async ({ page }) => {
  const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)
  await page.emulateMedia({ colorScheme: 'light' })
  await page.goto(overview.path)
  await expect(overview.ready(page)).toBeVisible()
  const light = await background()
  await page.emulateMedia({ colorScheme: 'dark' })
  await expect.poll(background).not.toBe(light)

  await page.getByRole('radio', { name: 'Light' }).check({ force: true })
  await expect.poll(background).toBe(light)
  await page.reload()
  await expect(overview.ready(page)).toBeVisible()
  expect(await background(), 'from the first paint on').toBe(light)
})

test('a phone has its navigation at the foot, and it works', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 })
  await page.goto(overview.path)
  await expect(overview.ready(page)).toBeVisible()
  await page.getByRole('navigation', { name: 'Pages, phone' }).getByRole('link', { name: 'Users' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Users' })).toBeVisible()
})
