import { defineConfig } from 'vitest/config'
import { chosen } from './setup/chosen.ts'

export default defineConfig({
  test: {
    include: ['specs/*.spec.ts'],
    globalSetup: './setup/global-setup.ts',
    // A browser is started for each file, and two of them fill two cores.
    maxWorkers: 2,
    // Only for what hangs: the tests wait for what they name, however long a busy machine takes.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000, interval: 50 } },
    projects: chosen().map((browser) => ({ extends: true, test: { name: browser, provide: { browser } } })),
  },
})
