/** The Rollup plugin that reads our TypeScript: finds files without extensions, hands them to esbuild, leaves bytes out of slim. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { shortened } from './internal.js'

const CANDIDATES = ['', '.ts', '.tsx', '.js', '/index.ts', '/index.tsx']
/** What is bundled in, with its licence: the package asks its users to install nothing. */
const BUNDLED = ['eventsource-parser']
/** The files whose enums are numbers in the bundle. */
const ENUMS = ['border/wire', 'border/liveWire', 'core/optionsDifference']
const IMPORTS_ENUMS = new RegExp(`from '[^']*/(?:${ENUMS.map((path) => path.split('/')[1]).join('|')})'`)
const BYTES = /generated[\\/](?:wasm|fetch|live)Bytes\.ts$/

export function sources({ esbuild, template, inlined }) {
  const enums = numbersOf(ENUMS.map((name) => readFileSync(join(template, `src/${name}.ts`), 'utf8')).join('\n'))
  return {
    name: 'samekey-sources',
    resolveId(id, importer) {
      if (BUNDLED.includes(id)) return join(template, 'node_modules', id, 'dist/index.js')
      if (!importer || !id.startsWith('.')) return null
      const base = join(dirname(importer), id)
      const found = CANDIDATES.map((end) => base + end).find((path) => existsSync(path) && /\.(ts|tsx|js)$/.test(path))
      if (!found) this.error(`${relative(template, importer)} imports ${id}, which is not there`)
      return found
    },
    load(id) {
      const code = licenceOf(id) + readFileSync(id, 'utf8')
      // A slim build has the same names, empty: the loader then says that the wasm was not started.
      return BYTES.test(id) && !inlined ? code.replace(/'[^']+'\n$/, "''\n") : code
    },
    transform(code, id) {
      const { code: javascript, map } = esbuild.transformSync(enums.inline(code), {
        loader: id.endsWith('.tsx') ? 'tsx' : id.endsWith('.ts') ? 'ts' : 'js',
        // What can run the wasm (reference types: 2021) has class fields.
        target: 'es2022',
        jsx: 'automatic',
        sourcemap: true,
        sourcefile: id,
        ...shortened,
      })
      // What a debugger shows is what was written.
      const sourceMap = map && JSON.stringify({ ...JSON.parse(map), sourcesContent: [code] })
      const client = /^(?:\s|\/\*[\s\S]*?\*\/|\/\/[^\n]*\n)*['"]use client['"]/.test(code)
      return {
        // Rollup drops directives with a warning; the banner of the chunk says it again (bundle.js).
        code: javascript.replace(/^['"]use client['"];?/m, ''),
        // The bytes would double the package and help nobody who debugs.
        // Nor is what is not ours: a map's paths lead into this package.
        map: BYTES.test(id) || id.includes('node_modules') ? { mappings: '' } : sourceMap,
        meta: { samekey: { client } },
      }
    },
  }
}

/** The notice that goes with what is not ours, as a comment that minifiers keep. */
function licenceOf(id) {
  const [folder, name] = /^.*[\\/]node_modules[\\/]([^\\/]+)[\\/]/.exec(id) ?? []
  return folder ? `/*! ${name}\n${readFileSync(join(folder, 'LICENSE'), 'utf8').trim()}\n*/\n` : ''
}

/**
 * Enums as the numbers they are. Their files declare them `const`, but esbuild sees one file at a time and would leave every
 * name in the bundle, and a property read where a number should be.
 */
function numbersOf(source) {
  const numbers = new Map()
  for (const [, name, body] of source.matchAll(/export const enum (\w+) \{([^]*?)\n\}/g)) {
    for (const [, member, value] of body.matchAll(/^ *(\w+) = (-?\d+),/gm)) numbers.set(`${name}.${member}`, value)
  }
  const names = [...new Set([...numbers.keys()].map((key) => key.split('.')[0]))].join('|')
  const use = new RegExp(`\\b(?:${names})\\.\\w+\\b`, 'g')
  return {
    inline: (code) => (IMPORTS_ENUMS.test(code) ? code.replace(use, (key) => numbers.get(key) ?? key) : code),
  }
}
