import { act } from 'react'
import { afterEach, expect, it, vi } from 'vitest'
import { EXPECTED } from '../shared/greeting.js'
import { start } from '../shared/start.js'

globalThis.IS_REACT_ACT_ENVIRONMENT = true
afterEach(() => document.body.replaceChildren())

it('fetches, shows, and refetches what was invalidated', async () => {
  const root = document.body.appendChild(document.createElement('div'))
  await act(async () => start(root))
  await vi.waitFor(() => expect(root.textContent).toBe(EXPECTED))
})
