/** What the package asks of a browser, against what docs/browsers.md promises. */
import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from '../harness/folders.mjs'

// With the tools that built it.
const tools = createRequire(join(root, 'pkg-template/package.json'))
const dist = join(root, 'pkg/dist')
const named = (ending) => readdirSync(dist, { recursive: true }).filter((name) => name.endsWith(ending))

const OLDEST = { chrome: '96', firefox: '92', safari: '15.4' }
/** What all three have compiled since then. Newer and not among them: SIMD, exceptions, tail calls, GC, 64-bit memory, threads. */
const WASM = ['NontrappingFPToInt', 'SignExt', 'BulkMemory', 'BulkMemoryOpt', 'ReferenceTypes', 'Multivalue']

export const group = 'modern'

export const checks = [
  [
    'the document names the oldest browsers',
    () => {
      const document = readFileSync(join(root, 'docs/browsers.md'), 'utf8')
      for (const name of [`Chrome and Edge ${OLDEST.chrome}`, `Firefox ${OLDEST.firefox}`, `Safari ${OLDEST.safari}`]) assert.ok(document.includes(name), name)
    },
  ],
  [
    'its JavaScript has no syntax that the oldest browsers lack',
    async () => {
      const { transform } = tools('esbuild')
      const oldest = Object.entries(OLDEST).map(([browser, version]) => browser + version)
      const files = named('.js')
      assert.ok(files.length > 10)
      for (const file of files) {
        const source = readFileSync(join(dist, file), 'utf8')
        // esbuild rewrites what a target cannot read. Of Unicode properties in patterns, which all three know, it trusts none.
        const options = { supported: { 'regexp-unicode-property-escapes': true } }
        const [asIs, lowered] = [await transform(source, { ...options, target: 'esnext' }), await transform(source, { ...options, target: oldest })]
        assert.equal(lowered.code, asIs.code, file)
      }
    },
  ],
  [
    'its wasm has no feature that the oldest browsers lack',
    async () => {
      const { default: binaryen } = await import(pathToFileURL(tools.resolve('binaryen')))
      const files = named('.wasm')
      assert.deepEqual(files.sort(), ['core.wasm', 'fetch.wasm', 'live.wasm'])
      for (const file of files) {
        const module = binaryen.readBinary(readFileSync(join(dist, file)))
        // Each one less than what it has would be refused, so what is left is what it uses.
        module.setFeatures(WASM.reduce((all, name) => all | binaryen.Features[name], 0))
        assert.equal(module.validate(), 1, file)
        module.dispose()
      }
    },
  ],
]
