import { defineConfig } from '@playwright/test'
import { CHROMIUM_ARGS } from './setup/chromium'

export default defineConfig({
  testDir: './specs',
  outputDir: './test-results',
  globalSetup: './setup/global-setup.ts',
  // Each worker has a server and a database of its own; two share the cores with Chromium well.
  workers: 2,
  fullyParallel: true,
  forbidOnly: true,
  reporter: [['line']],
  // Far longer than anything takes: what is late on a busy machine is not wrong.
  timeout: 240_000,
  expect: { timeout: 60_000 },
  use: {
    browserName: 'chromium',
    viewport: { width: 1440, height: 900 },
    timezoneId: 'UTC',
    locale: 'en-US',
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: CHROMIUM_ARGS,
    },
  },
})
