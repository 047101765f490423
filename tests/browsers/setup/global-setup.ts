import { spawn } from 'node:child_process'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import setUpDemo from '../../e2e/setup/global-setup'
import { chosen } from './chosen'
import { programsOf } from './programs'

let ends: (() => void)[] = []

/** Once for all browsers: the demo's database, the built dashboard with a witness in it, and a display for those who need one. */
export async function setup() {
  // The run calls it, and each project of the run, from a copy of this module; what it makes is for all.
  if (process.env.SAMEKEY_E2E_FOLDER) return
  ends.push(setUpDemo())
  process.env.SAMEKEY_WWW = withWitness(process.env.SAMEKEY_WWW!, join(process.env.SAMEKEY_E2E_FOLDER!, 'www'))
  if (chosen().some((browser) => programsOf(browser).needsDisplay)) process.env.SAMEKEY_DISPLAY = await display()
}

export function teardown() {
  for (const end of ends.toReversed()) end()
  ends = []
}

/** The dashboard as it was built, and before all of it a script that notes what no driver tells: WebDriver has no such events. */
function withWitness(built: string, copy: string): string {
  cpSync(built, copy, { recursive: true })
  cpSync(join(import.meta.dirname, 'witness.js'), join(copy, 'witness.js'))
  const page = join(copy, 'index.html')
  const html = readFileSync(page, 'utf8')
  const witnessed = html.replace('<head>', '<head><script src="/witness.js"></script>')
  if (witnessed === html) throw new Error('index.html has no <head>')
  writeFileSync(page, witnessed)
  // Of the same origin, with nothing on it: to be on the way to somewhere, and to hold a frame.
  writeFileSync(join(copy, 'blank.html'), '<!doctype html><title>Blank</title><script src="/witness.js"></script><body></body>')
  return copy
}

/** An X server without a screen. WebKitGTK's browser has no headless mode. */
async function display(): Promise<string> {
  // It chooses a free number and says which.
  const server = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1600x2600x24', '-nolisten', 'tcp'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] })
  ends.push(() => server.kill())
  const number = await new Promise<string>((resolve, reject) => {
    server.on('error', reject).on('exit', (code) => reject(new Error(`Xvfb ended with code ${code}`)))
    server.stdio[3]!.once('data', (said: Buffer) => resolve(said.toString().trim()))
  })
  return `:${number}`
}
