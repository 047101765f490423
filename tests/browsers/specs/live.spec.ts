import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { DemoServer } from '../../e2e/setup/demo-server'
import { Redis } from '../../e2e/setup/redis'
import { Browser } from '../setup/browser'
import { connection, dashboards, expectLive, press, runs, spend, visit, workspace } from '../setup/dashboard'
import type { View } from '../setup/view'

let browser: Browser

beforeAll(async () => {
  browser = await Browser.start()
})

afterAll(async () => {
  await browser?.stop()
})

describe('two windows on two servers over one Redis', () => {
  let redis: Redis
  let nodes: DemoServer[]
  let here: View
  let there: View

  // Each test has its own: one kills what it is given.
  beforeEach(async ({ task }) => {
    redis = await Redis.start()
    nodes = await DemoServer.createNodes(`nodes-${browser.name}-${task.id}`, 2, redis.url)
    here = await browser.open()
    there = await browser.open()
    await visit(here, nodes[0]!.url, 'Cache')
    await visit(there, nodes[1]!.url, 'Overview')
    for (const view of [here, there]) await expectLive(view)
  })

  afterEach(async () => {
    for (const view of [here, there]) expect(await view.errors(), 'no uncaught error in the page').toEqual([])
    await browser.closeViews()
    for (const node of nodes ?? []) await node.kill()
    await redis?.stop()
  })

  test('what happens at one shows in the other, and nothing else is fetched', async () => {
    const before = await runs(there)
    await there.forget()
    await press(here, 'Run an agent')
    await expect.poll(() => runs(there)).toBe(before + 1)
    const fetched = (await there.requests()).map(({ path }) => path)
    expect(fetched.filter((path) => /revenue|active-users/.test(path))).toEqual([])
  })

  test('an invalidation posted to one is fetched anew in the other', async () => {
    await there.forget()
    await spend(nodes[0]!.url, await workspace(there))
    await expect.poll(() => dashboards(there)).toBe(1)
    await expect.poll(() => there.asked('/executive/revenue')).toBe(1)
  })

  test('a window whose server is killed says so, comes back with it, and has missed nothing', async () => {
    const before = await runs(there)
    await nodes[1]!.kill()
    await expect.poll(() => connection(there)).toBe('Reconnecting')
    await press(here, 'Run an agent')
    await expect.poll(() => here.count('[role=log] li')).toBe(1)
    await nodes[1]!.start()
    await expectLive(there)
    await expect.poll(() => runs(there)).toBe(before + 1)
    await press(here, 'Run an agent')
    await expect.poll(() => runs(there)).toBe(before + 2)
  })
})

test('a page polls while it has no stream, and rests while it has one', async () => {
  const server = await DemoServer.create(`polls-${browser.name}`)
  try {
    const [told, asking] = [await browser.open(), await browser.open()]
    await visit(told, server.url, 'Overview')
    await expectLive(told)
    // In this window alone: session storage is not shared. With locks it would hear what the other passes on.
    await asking.goto(`${server.url}/blank.html`)
    await asking.read(`sessionStorage.without = 'stream locks'`)
    await visit(asking, server.url, 'Overview')
    await expect.poll(() => connection(asking)).toBe('Reconnecting')
    await told.forget()
    await asking.forget()
    await expect.poll(() => asking.asked('/metrics/realtime'), { message: 'the polls of the one' }).toBe(2)
    expect(await told.asked('/metrics/realtime'), 'the polls of the other meanwhile').toBe(0)
    expect(await connection(told)).toBe('Live')
  } finally {
    await browser.closeViews()
    await server.kill()
  }
})
