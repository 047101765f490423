/** Docker or Podman, as the shell has it: what a test starts with it is gone when the test ends. */
import { execFileSync, spawnSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'

/** `docker` or `podman`; scripts/test-image finds out which. */
export const engine = process.env.SAMEKEY_ENGINE ?? 'docker'
/** The image that is tested. */
export const image = process.env.SAMEKEY_IMAGE ?? 'samekey:test'

/** Docker's options for a container that may do nothing: those of docker/compose.yaml. */
export const CONFINED = ['--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges', '--memory', '256m']
export const SECRET = '0123456789abcdef0123456789abcdef'

/** What it prints; throws with what it says when it fails. */
export function run(...args) {
  return execFileSync(engine, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
}

/** How it ends, and what it says: `{ code, out }`. */
export function ended(...args) {
  const { status, stdout, stderr } = spawnSync(engine, args, { encoding: 'utf8' })
  return { code: status, out: `${stdout}${stderr}`.trim() }
}

/** A container in the background, removed with what it wrote when the test `t` ends. */
export function start(t, ...args) {
  const id = run('run', '--detach', ...args).split('\n').at(-1)
  t.after(() => ended('rm', '--force', '--volumes', id))
  return id
}

let networks = 0

/** A network of the test's own; what it is named. */
export function network(t) {
  const name = `samekey-test-${process.pid}-${++networks}`
  run('network', 'create', name)
  t.after(() => ended('network', 'rm', name))
  return name
}

export function inspect(id) {
  return JSON.parse(run('inspect', id))[0]
}

/** The address of a published port on this machine. */
export function published(id, port) {
  return `http://127.0.0.1:${run('port', id, String(port)).split('\n')[0].split(':').at(-1)}`
}

/** What `look` gives as soon as that is something. */
export async function until(what, look, seconds = 60) {
  const end = Date.now() + seconds * 1000
  while (Date.now() < end) {
    const seen = await look()
    if (seen) return seen
    await sleep(250)
  }
  throw new Error(`not within ${seconds} s: ${what}`)
}
