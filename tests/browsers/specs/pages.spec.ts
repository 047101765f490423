import { Key } from 'selenium-webdriver'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { DemoServer } from '../../e2e/setup/demo-server'
import { windowOf } from '../../e2e/setup/windows'
import { Browser } from '../setup/browser'
import { expectLive, follow, PAGES, ready, runs, visit } from '../setup/dashboard'
import type { View } from '../setup/view'

let browser: Browser
let server: DemoServer
let view: View

beforeAll(async () => {
  browser = await Browser.start()
  server = await DemoServer.create(`pages-${browser.name}`)
})

afterAll(async () => {
  await browser?.stop()
  await server?.stop()
})

beforeEach(async () => {
  view = await browser.open()
})

afterEach(async () => {
  expect(await view.errors(), 'no uncaught error in the page').toEqual([])
  await browser.closeViews()
})

for (const { name } of PAGES) {
  test(`${name} is loaded by its address and shows its data`, async () => {
    await visit(view, server.url, name)
    expect(await view.count('[role=alert]')).toBe(0)
  })
}

test('the overview shows what the database says', async () => {
  const [workspace] = server.sql<{ id: number; public_id: string }>('SELECT id, public_id FROM workspaces ORDER BY id LIMIT 1')
  const { start, end } = windowOf('30d')
  const [row] = server.sql<{ runs: number }>(
    `SELECT COUNT(*) AS runs FROM runs WHERE workspace = ${workspace!.id} AND started_at >= ${start} AND started_at < ${end}`,
  )
  await visit(view, server.url, 'Overview', `?workspace=${workspace!.public_id}&timeframe=30d`)
  expect(row!.runs).toBeGreaterThan(0)
  expect(await runs(view)).toBe(row!.runs)
})

test('the amounts beside a chart are written alike in all browsers', async () => {
  await visit(view, server.url, 'Overview')
  const amounts = () => view.read<string[]>(`return [...document.querySelectorAll('svg text')].map((each) => each.textContent).filter((text) => text.startsWith('$'))`)
  await expect.poll(async () => (await amounts()).length).toBeGreaterThan(2)
  for (const amount of await amounts()) expect(amount).toMatch(/^\$\d+(\.[1-9])?K?$/)
})

test('one goes from page to page, and back to a fresh one without a request', async () => {
  await visit(view, server.url, 'Overview')
  // Before, what the page holds may be older than what the stream can tell of, and be asked for anew.
  await expectLive(view)
  for (const { name } of PAGES.slice(1)) await follow(view, name)
  await follow(view, 'Agents')
  await view.click('//main//tbody/tr[2]//a')
  await expect.poll(() => view.count('[aria-label="Key figures of the agent"]')).toBe(1)
  await expect.poll(() => view.count('[aria-busy=true]')).toBe(0)

  await view.forget()
  await view.back()
  await ready(view, 'Agents')
  await follow(view, 'Overview')
  expect(await view.requests()).toEqual([])
})

test('the timeframe goes into the address, and a copy of the address brings it back', async () => {
  await visit(view, server.url, 'Overview')
  await view.click('//label[@title="last 30 days"]')
  await expect.poll(() => view.read<string>('return location.search')).toContain('timeframe=30d')
  const copy = await browser.open()
  await copy.goto(await view.read<string>('return location.href'))
  await ready(copy, 'Overview')
  expect(await copy.read<boolean>(`return document.querySelector('[aria-label="last 30 days"]').checked`)).toBe(true)
})

test('the keyboard reads a chart’s values', async () => {
  await visit(view, server.url, 'Overview')
  await expect.poll(() => view.count('input[type=range]')).toBeGreaterThan(0)
  const value = () => view.read<string>(`return document.querySelector('input[type=range]').getAttribute('aria-valuetext')`)
  const now = await value()
  await view.press('input[type=range]', Key.HOME)
  await expect.poll(value).not.toBe(now)
  const first = await value()
  await view.press('input[type=range]', Key.ARROW_RIGHT)
  await expect.poll(value).not.toBe(first)
})

test('a chosen theme is there after a reload', async () => {
  const background = () => view.read<string>('return getComputedStyle(document.documentElement).backgroundColor')
  await visit(view, server.url, 'Overview')
  const before = await background()
  const other = (await view.read<boolean>('return matchMedia("(prefers-color-scheme: dark)").matches')) ? 'Light' : 'Dark'
  await view.click(`//label[@title="${other}"]`)
  await expect.poll(background).not.toBe(before)
  const chosen = await background()
  await view.reload()
  await ready(view, 'Overview')
  expect(await background()).toBe(chosen)
  await view.click('//label[@title="System"]')
})

describe('at the width of a phone', () => {
  // In a frame: a browser’s window has a least width.
  for (const { name, path } of PAGES) {
    test(`${name} does not scroll sideways`, async () => {
      await view.goto(`${server.url}/blank.html`)
      await view.read(
        `document.body.innerHTML = '<iframe style="width: 360px; height: 740px; border: 0"></iframe>'
         document.querySelector('iframe').src = arguments[0]`,
        path,
      )
      const inside = <T>(script: string) => view.read<T>(`const frame = document.querySelector('iframe').contentWindow\n${script}`)
      await expect.poll(() => inside<number>(`return frame.document.querySelectorAll('h1, main :is(tbody tr, dt)').length`)).toBeGreaterThan(1)
      await expect.poll(() => inside<number>(`return frame.document.querySelectorAll('[aria-busy=true]').length`)).toBe(0)
      expect(await inside<number>('return frame.innerWidth')).toBe(360)
      const beyond = await inside<number>('const page = frame.document.documentElement\nreturn page.scrollWidth - page.clientWidth')
      expect(beyond).toBe(0)
    })
  }
})
