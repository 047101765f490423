/** The Rollup plugin that reads our TypeScript: finds files without extensions, hands them to esbuild, leaves bytes out of slim. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

const CANDIDATES = ['', '.ts', '.tsx', '.js', '/index.ts', '/index.tsx']
const BYTES = /generated[\\/](?:wasm|fetch)Bytes\.ts$/

export function sources({ esbuild, template, inlined }) {
  return {
    name: 'samekey-sources',
    resolveId(id, importer) {
      if (!importer || !id.startsWith('.')) return null
      const base = join(dirname(importer), id)
      const found = CANDIDATES.map((end) => base + end).find((path) => existsSync(path) && /\.(ts|tsx|js)$/.test(path))
      if (!found) this.error(`${relative(template, importer)} imports ${id}, which is not there`)
      return found
    },
    load(id) {
      const code = readFileSync(id, 'utf8')
      // A slim build has the same names, empty: the loader then says that the wasm was not started.
      return BYTES.test(id) && !inlined ? code.replace(/'[0-9a-f]+'/, "''") : code
    },
    transform(code, id) {
      const { code: javascript, map } = esbuild.transformSync(code, {
        loader: id.endsWith('.tsx') ? 'tsx' : id.endsWith('.ts') ? 'ts' : 'js',
        // What can run the wasm (reference types: 2021) has class fields.
        target: 'es2022',
        jsx: 'automatic',
        sourcemap: true,
        sourcefile: id,
      })
      const client = /^(?:\s|\/\*[\s\S]*?\*\/|\/\/[^\n]*\n)*['"]use client['"]/.test(code)
      return {
        // Rollup drops directives with a warning; the banner of the chunk says it again (bundle.js).
        code: javascript.replace(/^['"]use client['"];?/m, ''),
        // The hex would double the package and help nobody who debugs.
        map: BYTES.test(id) ? { mappings: '' } : map,
        meta: { samekey: { client } },
      }
    },
  }
}
