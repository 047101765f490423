import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { DemoServer } from '../../e2e/setup/demo-server'
import { Browser } from '../setup/browser'
import { follow, press, ready, visit } from '../setup/dashboard'
import { setOffline } from '../setup/network'
import type { View } from '../setup/view'

let browser: Browser
let server: DemoServer
let view: View

beforeAll(async () => {
  browser = await Browser.start()
})

afterAll(async () => {
  await browser?.stop()
})

beforeEach(async ({ task }) => {
  server = await DemoServer.create(`network-${browser.name}-${task.id}`)
  view = await browser.open()
  await visit(view, server.url, 'Overview')
})

afterEach(async () => {
  await setOffline(browser, view, false)
  expect(await view.errors(), 'no uncaught error in the page').toEqual([])
  await browser.closeViews()
  await server.kill()
})

const page = () => view.read<string>('return document.body.innerText')

const leaveFor = (name: string) => view.click(`//nav[@aria-label="Pages"]//a[normalize-space()="${name}"]`)

test('without a network a fetch waits, what is cached stays readable, and the network resumes it', async () => {
  await setOffline(browser, view, true)
  await expect.poll(page).toContain('You are offline.')
  await view.forget()
  await leaveFor('Agents')
  await expect.poll(page).toContain('Offline: this loads as soon as the network is back.')
  await follow(view, 'Overview')
  expect(await view.requests()).toEqual([])

  await leaveFor('Agents')
  await setOffline(browser, view, false)
  await ready(view, 'Agents')
  expect(await page()).not.toContain('You are offline.')
  expect(await view.asked('/agents/top')).toBe(1)
})

test('with the server down a page says so and what to do, and recovers when asked', async () => {
  await server.stop()
  await leaveFor('Agents')
  await expect.poll(() => view.text('[role=alert]')).toContain('the server cannot be reached')
  expect(await view.text('[role=alert]')).toContain('Check that the demo server is running')
  await server.start()
  await press(view, 'Try again')
  await ready(view, 'Agents')
  expect(await view.count('[role=alert]')).toBe(0)
})

test('a failed refresh leaves the data on the screen and says how old it is', async () => {
  await follow(view, 'Agents')
  await server.stop()
  await press(view, 'Refresh')
  await expect.poll(page).toContain('The server cannot be reached. Showing the agents as of')
  await ready(view, 'Agents')
})

test('an unknown agent is an error with advice, not an empty page', async () => {
  await view.goto(`${server.url}/agents/no-such-agent`)
  await expect.poll(() => view.text('[role=alert]')).toContain('Choose another from the list')
})
