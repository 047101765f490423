/** The tarball itself: what is in it, what its manifest promises, where its source maps point. */
import assert from 'node:assert/strict'
import { cpSync, existsSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { root, tarball } from '../harness/folders.mjs'
import { run } from '../harness/processes.mjs'

const tool = (name) => join(root, 'pkg-template/node_modules/.bin', name)

// The published package, as the apps have it.
export const group = 'modern'
const installed = (folder) => join(folder, 'node_modules/samekey')

export const checks = [
  ['publint --strict', () => run(tool('publint'), ['--strict', join(root, 'pkg')])],
  // The assets have no types to be wrong.
  ['are the types wrong?', () => run(tool('attw'), [tarball, '--exclude-entrypoints', './core.wasm', './fetch.wasm', './live.wasm'])],
  [
    'holds what is promised and nothing of the building',
    (folder) => {
      const manifest = JSON.parse(readFileSync(join(installed(folder), 'package.json'), 'utf8'))
      assert.equal(manifest.sideEffects, false)
      assert.deepEqual([manifest.scripts, manifest.devDependencies, manifest.dependencies], [undefined, undefined, undefined])
      for (const path of pathsOf(manifest.exports)) assert.ok(existsSync(join(installed(folder), path)), `${path} is promised`)
      const top = readdirSync(installed(folder)).sort()
      assert.deepEqual(top, ['CHANGELOG.md', 'LICENSE-APACHE', 'LICENSE-MIT', 'README.md', 'dist', 'package.json'])
    },
  ],
  [
    'runs without React: the core, the stream and the keys of the schema',
    async (folder) => {
      const alone = join(root, '.cache/packaging/without-react')
      rmSync(alone, { recursive: true, force: true })
      cpSync(installed(folder), join(alone, 'node_modules/samekey'), { recursive: true })
      const names = ['samekey', 'samekey/live', 'samekey/shadower/keys', 'samekey/slim', 'samekey/slim/live', 'samekey/slim/shadower/keys']
      const check = `
        const key = (keys) => keys.queryKeys.kpis('ws1').join(':')
        const fetched = async ({ QueryClient }, { queryKeys }) => {
          const client = new QueryClient()
          return client.fetchQuery({ queryKey: queryKeys.kpis('ws1'), queryFn: () => 'data' }).finally(() => client.clear())
        }
        const assert = async (core, keys, slimKeys) => {
          if (key(keys) !== 'exec:kpis:ws1' || key(slimKeys) !== 'exec:kpis:ws1') throw new Error(key(keys))
          if ((await fetched(core, keys)) !== 'data') throw new Error('no data')
          if (Object.keys(keys).some((name) => name.startsWith('use'))) throw new Error('hooks among the keys')
        }`
      const imported = `${check}; const [core,, keys,,, slim] = await Promise.all(${JSON.stringify(names)}.map((name) => import(name))); await assert(core, keys, slim)`
      const required = `${check}; const [core,, keys,,, slim] = ${JSON.stringify(names)}.map((name) => require(name)); assert(core, keys, slim)`
      await run('node', ['--input-type=module', '-e', imported], { cwd: alone })
      await run('node', ['--input-type=commonjs', '-e', required], { cwd: alone })
      await assert.rejects(run('node', ['--input-type=module', '-e', `await import('samekey/shadower')`], { cwd: alone }), /Cannot find package 'react'/)
    },
  ],
  [
    'names no folder of the machine that built it',
    (folder) => {
      for (const file of filesOf(join(installed(folder), 'dist'))) {
        const text = readFileSync(file, 'latin1')
        for (const place of [root, process.env.HOME, '/cargo/registry/']) {
          // A home of `/` or so would be found everywhere.
          if (place && place.length > 3) assert.ok(!text.includes(place), `${relative(folder, file)} names ${place}`)
        }
      }
    },
  ],
  [
    'source maps stay inside the package and carry their sources',
    (folder) => {
      const maps = filesOf(join(installed(folder), 'dist')).filter((file) => file.endsWith('.map'))
      let seen = 0
      for (const file of maps) {
        const map = JSON.parse(readFileSync(file, 'utf8'))
        map.sources.forEach((source, index) => {
          seen++
          const path = relative(installed(folder), resolve(dirname(file), source))
          assert.match(path, /^src\//, `${file}: ${source}`)
          assert.ok(map.sourcesContent[index], `${file}: ${source} has no content`)
        })
      }
      assert.ok(seen > 0, 'there are maps')
    },
  ],
]

function pathsOf(exports) {
  return Object.values(exports).flatMap((value) => (typeof value === 'string' ? [value] : pathsOf(value)))
}

function filesOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
}
