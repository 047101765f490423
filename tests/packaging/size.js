#!/usr/bin/env node
/**
 * What an app downloads for samekey: bundled from the packed package as an app would, minified, after brotli. The
 * ceilings are in pkg-template/size-limits.json; React is not counted, since the app has it.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'
import { build } from 'esbuild'
import { functionsOf } from '../../scripts/wasm/functions.js'
import { root } from './harness/folders.mjs'
import { run } from './harness/processes.mjs'

const folder = join(root, '.cache/size')
mkdirSync(join(folder, 'node_modules'), { recursive: true })
await run(join(root, 'scripts/use-package'), [folder], { cwd: root })

const results = []
for (const limit of JSON.parse(readFileSync(join(root, 'pkg-template/size-limits.json'), 'utf8'))) {
  const { bytes, parts } = await beyond(limit)
  const ok = bytes <= limit.bytes
  results.push(ok)
  console.log(`${ok ? '✔' : '✘'} ${limit.name}: ${bytes} bytes of ${limit.bytes} (${parts})`)
}

// One `{}` of a float brings 9 kB of decimal conversion with it (after brotli). JavaScript prints our numbers.
const floats = functionsOf(join(root, 'pkg-template/src/border/generated/core.named.wasm')).filter(({ name }) => /flt2dec|float_to_decimal/.test(name))
results.push(floats.length === 0)
console.log(floats.length ? `✘ the core formats floats: ${floats.map(({ name }) => name).join(', ')}` : '✔ the core formats no floats')

const failed = results.filter((ok) => !ok).length
console.log(`${results.length - failed} passed, ${failed} failed`)
process.exit(failed ? 1 : 0)

/** The size of a limit's code; or, of one that names what an app has already, what it adds to that. */
async function beyond(limit) {
  const whole = await sizeOf(limit)
  if (!limit.beyond) return whole
  const before = await sizeOf({ ...limit, code: limit.beyond })
  const both = await sizeOf({ ...limit, code: `${limit.beyond}\n${limit.code}` })
  return { bytes: both.bytes - before.bytes, parts: `${before.bytes} without it, ${both.bytes} with it` }
}

async function sizeOf({ code, lazy }) {
  const entry = join(folder, 'entry.js')
  writeFileSync(entry, code)
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    absWorkingDir: folder,
    bundle: true,
    minify: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    external: ['react', 'react-dom', 'react/jsx-runtime'],
    define: { 'process.env.NODE_ENV': '"production"' },
    legalComments: 'none',
    outdir: join(folder, 'out'),
    metafile: true,
    write: false,
  })
  // What is imported on demand is downloaded on demand: counted where the limit is of everything.
  const byPath = new Map(outputFiles.map((file) => [file.path.slice(folder.length + 1), brotli(file.contents)]))
  const counted = lazy ? [...byPath.keys()] : staticClosure(metafile.outputs, 'out/entry.js')
  const sizes = counted.map((path) => byPath.get(path))
  return { bytes: sizes.reduce((sum, size) => sum + size, 0), parts: counted.map((path, i) => `${path.slice(4)} ${sizes[i]}`).join(', ') }
}

function staticClosure(outputs, from, seen = new Set()) {
  if (seen.has(from)) return []
  seen.add(from)
  const imports = outputs[from].imports.filter(({ kind, external }) => kind === 'import-statement' && !external)
  return [from, ...imports.flatMap(({ path }) => staticClosure(outputs, path, seen))]
}

function brotli(bytes) {
  return brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }).length
}
