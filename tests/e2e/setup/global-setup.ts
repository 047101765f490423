import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NOW } from './instant'
import { builtDashboard, demoProgram } from './paths'

/** Enough for every chart to have a shape, and made in a second or two. */
const RUNS = '20000'

/** Finds the programs and makes the database once; workers copy it. Removed when the run is over. */
export default function setUp() {
  process.env.SAMEKEY_WWW = builtDashboard()
  process.env.SAMEKEY_DEMO = demoProgram()
  const folder = mkdtempSync(join(tmpdir(), 'samekey-e2e-'))
  process.env.SAMEKEY_E2E_FOLDER = folder
  execFileSync(process.env.SAMEKEY_DEMO, ['generate', '--database', join(folder, 'demo.sqlite'), '--runs', RUNS, '--now', NOW], { stdio: 'pipe' })
  return () => rmSync(folder, { recursive: true, force: true })
}
