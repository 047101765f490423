import { vi } from 'vitest'

/** Waits until `check` holds. Far longer than it takes: what is late on a busy machine is not wrong. */
export const soon = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 60_000, interval: 10 })
