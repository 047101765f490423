import { createServer } from 'node:http'
import { act } from 'react'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { EXPECTED } from '../shared/greeting.js'
import { EXPECTED_LIVE } from '../shared/live.js'
import { start } from '../shared/start.js'
import { changingVersion } from '../shared/stream.mjs'

globalThis.IS_REACT_ACT_ENVIRONMENT = true
/** On a busy machine, too. */
const soon = { timeout: 60_000 }
const server = createServer(changingVersion())
beforeAll(() => new Promise((resolve) => server.listen(0, '127.0.0.1', resolve)))
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

it('fetches, shows, and refetches what was invalidated, here and by the server', async () => {
  const element = document.body.appendChild(document.createElement('div'))
  const root = await act(async () => start(element, `http://127.0.0.1:${server.address().port}`))
  const text = (selector) => document.querySelector(selector).textContent
  await act(() => vi.waitFor(() => expect(text('#out')).toBe(EXPECTED), soon))
  await act(() => vi.waitFor(() => expect(text('#live')).toBe(EXPECTED_LIVE), soon))
  await act(async () => root.unmount())
})
