import { vi } from 'vitest'

/** What was reported as nobody's while this ran; the timers are real afterwards. */
export async function uncaughtIn(steps: () => Promise<void>): Promise<unknown[]> {
  const others = process.listeners('unhandledRejection')
  const uncaught = vi.fn()
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', uncaught)
  await steps()
  vi.useRealTimers()
  await new Promise((resolve) => setTimeout(resolve, 10))
  process.removeAllListeners('unhandledRejection')
  for (const other of others) process.on('unhandledRejection', other)
  return uncaught.mock.calls.map(([error]) => error as unknown)
}
