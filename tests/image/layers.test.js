/** What a change costs to build: the dependencies, which take minutes, are compiled again when they change and not before. */
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { appendFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { engine } from './engine.js'

const root = join(import.meta.dirname, '../..')

/** The image of the stage that compiles the dependencies. */
function dependencies(folder) {
  const options = (process.env.SAMEKEY_BUILD_OPTIONS ?? '').split(' ').filter(Boolean)
  const args = ['build', ...options, '--quiet', '--target', 'dependencies', '--file', join(folder, 'docker/Dockerfile'), folder]
  const { status, stdout, stderr } = spawnSync(engine, args, { encoding: 'utf8', env: { ...process.env, DOCKER_BUILDKIT: '1' } })
  assert.equal(status, 0, stderr)
  return stdout.trim()
}

test('a change in the sources leaves the dependencies compiled', { skip: process.env.SAMEKEY_BUILT ? false : 'the image was not built here' }, (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'samekey-layers-'))
  t.after(() => rmSync(folder, { recursive: true }))
  for (const file of execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' }).split('\0')) {
    if (/^(Cargo|\.dockerignore|docker|src|macros|schema|demo|benches|tests)/.test(file)) cpSync(join(root, file), join(folder, file))
  }
  const before = dependencies(folder)
  for (const file of ['src/lib.rs', 'macros/src/lib.rs', 'demo/src/main.rs', 'schema/shadower.toml', 'tests/server/main.rs']) {
    appendFileSync(join(folder, file), '\n')
  }
  assert.equal(dependencies(folder), before)
})
