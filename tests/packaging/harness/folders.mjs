/** Where the apps run: copies under `.cache/packaging`, so that nothing they resolve or write touches the repository. */
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './processes.mjs'

const here = join(import.meta.dirname, '..')
export const root = join(here, '../..')
export const tarball = join(root, 'pkg/samekey.tgz')

/**
 * Copies a group's apps, or the `app` that it shares with others, installs what its lock file names (kept from run to run)
 * and then the packed package. Returns the group's folder.
 */
export async function prepare(group, app) {
  const folder = join(root, '.cache/packaging', group)
  mkdirSync(folder, { recursive: true })
  const filter = (path) => !/node_modules|[\\/](dist|\.next)($|[\\/])/.test(path)
  for (const from of app ? [app, group] : [group]) cpSync(join(here, from), folder, { recursive: true, filter })

  await once(folder, 'lock', readFileSync(join(folder, 'package-lock.json')), () =>
    run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder }),
  )
  const packed = [readFileSync(join(folder, 'package-lock.json')), readFileSync(tarball)]
  await once(folder, 'tarball', Buffer.concat(packed), () =>
    // As a user installs it, but leaving no trace in the manifest: the tarball is another with each build.
    run('npm', ['install', '--no-save', '--no-package-lock', '--prefer-offline', '--no-audit', '--no-fund', tarball], { cwd: folder }),
  )
  return folder
}

/** Does the work unless it was done for these very bytes. The note lies in node_modules, and goes with it. */
async function once(folder, name, bytes, work) {
  const note = join(folder, 'node_modules', `.samekey-${name}`)
  const digest = createHash('sha256').update(bytes).digest('hex')
  if (existsSync(note) && readFileSync(note, 'utf8') === digest) return
  await work()
  writeFileSync(note, digest)
}
