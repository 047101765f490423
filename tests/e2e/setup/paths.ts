import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../../..')

/** The dashboard as `make www` builds it, with the packed package inside. */
export function builtDashboard(): string {
  const dist = process.env.SAMEKEY_WWW ?? join(root, 'www/dist')
  if (!existsSync(join(dist, 'index.html'))) throw new Error(`${dist} has no built dashboard; run \`make www\``)
  return dist
}

/** The demo server's program: the release build, made if it is missing or out of date. */
export function demoProgram(): string {
  if (process.env.SAMEKEY_DEMO) return process.env.SAMEKEY_DEMO
  const cargo = (...args: string[]) => execFileSync('cargo', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  cargo('build', '--quiet', '--release', '-p', 'samekey-demo')
  const { target_directory } = JSON.parse(cargo('metadata', '--no-deps', '--format-version', '1')) as { target_directory: string }
  return join(target_directory, 'release/samekey-demo')
}
