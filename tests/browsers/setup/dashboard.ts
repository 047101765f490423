import { expect } from 'vitest'
import type { View } from './view'

const region = (name: string) => `//section[.//h2[normalize-space()="${name}"]]`

/** Every page of the dashboard, with an XPath of what shows that its data is there. */
export const PAGES = [
  { name: 'Overview', path: '/', ready: `${region('Top agents')}//tbody/tr` },
  { name: 'Agents', path: '/agents', ready: '//main//tbody/tr' },
  { name: 'Users', path: '/users', ready: `${region('People')}//tbody/tr` },
  { name: 'Cache', path: '/cache', ready: '//dt[normalize-space()="Server hit rate"]' },
] as const

export type PageName = (typeof PAGES)[number]['name']

const pageOf = (name: PageName) => PAGES.find((page) => page.name === name)!

const shown = (view: View, path: string) =>
  view.read<boolean>('return document.evaluate(arguments[0], document, null, XPathResult.BOOLEAN_TYPE, null).booleanValue', path)

/** Waits until a page of the dashboard shows its data. */
export async function ready(view: View, name: PageName): Promise<void> {
  await expect.poll(() => shown(view, '//h1')).toBe(true)
  await expect.poll(() => shown(view, pageOf(name).ready), { message: `${name} shows its data` }).toBe(true)
  await expect.poll(() => view.count('[aria-busy=true]'), { message: 'parts that still load' }).toBe(0)
}

/** Loads a page, as by its address. */
export async function visit(view: View, origin: string, name: PageName, search = ''): Promise<void> {
  await view.goto(origin + pageOf(name).path + search)
  await ready(view, name)
}

/** Goes to a page as people do. */
export async function follow(view: View, name: PageName): Promise<void> {
  await view.click(`//nav[@aria-label="Pages"]//a[normalize-space()="${name}"]`)
  await ready(view, name)
}

export const press = (view: View, button: string) => view.click(`//button[normalize-space()="${button}" or @aria-label="${button}"]`)

/** How the page says it stands with the stream. */
export const connection = (view: View) => view.text('[aria-label="Connection"]')

export const expectLive = (view: View) => expect.poll(() => connection(view), { message: 'connection' }).toBe('Live')

/** The overview's number of runs, exact. */
export const runs = (view: View) =>
  view.read<number>(`const values = [...document.querySelectorAll('dt')].filter((each) => each.textContent === 'Runs').map((each) => each.parentElement.querySelector('data'))
    return Number(values.find(Boolean)?.value)`)

/** How often the page has asked for its dashboard. */
export const dashboards = (view: View) => view.asked('/executive/dashboard')

export const workspace = (view: View) => view.read<string>(`return document.querySelector('header select').value`)

/** How many streams a server has. */
export async function streams(origin: string): Promise<number> {
  const stats = (await (await fetch(`${origin}/api/v1/cache/stats`)).json()) as { stream: { streams_open: number } }
  return stats.stream.streams_open
}

/** Says to a server, as another program would, that the workspace has spent credit: its dashboards change. */
export async function spend(origin: string, workspaceId: string): Promise<void> {
  const answer = await fetch(`${origin}/api/v1/events`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ event: 'credit_transaction', workspace_id: workspaceId }),
  })
  expect(answer.ok).toBe(true)
}
