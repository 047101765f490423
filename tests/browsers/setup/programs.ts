import { existsSync } from 'node:fs'
import { CHROMIUM_ARGS } from '../../e2e/setup/chromium'
import type { BrowserName } from './chosen'

/** How a browser is started through its driver, all as W3C WebDriver has it. */
export interface Programs {
  driver: string
  /** Of the driver, which listens on this port. */
  args: (port: number) => string[]
  capabilities: Record<string, unknown>
  /** Whether it draws on an X display even when nobody looks. */
  needsDisplay: boolean
}

/** The first of these that is there. */
function found(what: string, ...paths: string[]): string {
  const path = paths.find((each) => existsSync(each))
  if (!path) throw new Error(`no ${what}: looked for ${paths.join(', ')}; \`make test-browsers\` installs it`)
  return path
}

const onPath = (name: string) => (process.env.PATH ?? '').split(':').map((folder) => `${folder}/${name}`)

const firefox = (): Programs => ({
  driver: found('geckodriver', ...onPath('geckodriver')),
  // It lets a test take the browser's network away, which no standard command does.
  args: (port) => ['--port', String(port), '--allow-system-access', '--log', 'fatal'],
  capabilities: {
    browserName: 'firefox',
    'moz:firefoxOptions': {
      binary: found('Firefox', ...onPath('firefox-esr'), ...onPath('firefox')),
      args: ['-headless'],
      prefs: { 'intl.accept_languages': 'en-US' },
    },
  },
  needsDisplay: false,
})

const webkit = (): Programs => ({
  driver: found('WebKitWebDriver', ...onPath('WebKitWebDriver')),
  args: (port) => [`--port=${port}`],
  capabilities: {
    browserName: 'MiniBrowser',
    'webkitgtk:browserOptions': {
      binary: found(
        'MiniBrowser of WebKitGTK',
        ...['x86_64', 'aarch64'].flatMap((cpu) => ['4.1', '4.0'].map((api) => `/usr/lib/${cpu}-linux-gnu/webkit2gtk-${api}/MiniBrowser`)),
      ),
      args: ['--automation'],
    },
  },
  needsDisplay: true,
})

const chromium = (): Programs => ({
  driver: found('chromedriver', ...onPath('chromedriver')),
  args: (port) => [`--port=${port}`, '--log-level=OFF'],
  capabilities: {
    browserName: 'chrome',
    'goog:chromeOptions': {
      binary: found('Chromium', ...onPath('chromium')),
      args: [...CHROMIUM_ARGS, '--lang=en-US'],
    },
  },
  needsDisplay: false,
})

const PROGRAMS: Record<BrowserName, () => Programs> = { firefox, webkit, chromium }

export const programsOf = (browser: BrowserName): Programs => PROGRAMS[browser]()
