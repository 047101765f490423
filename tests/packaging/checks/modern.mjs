/** React 19 with today's tools: Node, Vite 8, webpack 5, esbuild, Vitest, TypeScript. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expectCleanPage, expectOnPage, withFiles } from '../harness/pages.mjs'
import { textOf } from '../../../scripts/wasm/text.js'
import { run, withServer } from '../harness/processes.mjs'

const GREETING = { '#out': 'success: fetch 2, one instance' }
/** Both halves of the app: what it fetches and invalidates itself, and what the server's stream says has changed. */
const EXPECTED = { ...GREETING, '#live': 'open: new, told 1' }
const page = '<!doctype html><title>samekey</title><div id="root"></div><script type="module" src="./bundle.js"></script>'
const bin = (folder, name) => join(folder, 'node_modules/.bin', name)

export const group = 'modern'

export const checks = [
  ['Node, import', (folder) => run('node', ['node/import.mjs'], { cwd: folder })],
  ['Node, require', (folder) => run('node', ['node/require.cjs'], { cwd: folder })],
  ['Vitest 4, jsdom', (folder) => run(bin(folder, 'vitest'), ['run', '--root', 'vitest'], { cwd: folder })],
  ['TypeScript, moduleResolution bundler', (folder) => run(bin(folder, 'tsc'), ['-p', 'types-bundler', '--noEmit'], { cwd: folder })],
  [
    'TypeScript, moduleResolution nodenext, compiled and run',
    async (folder) => {
      await run(bin(folder, 'tsc'), ['-p', 'types-nodenext'], { cwd: folder })
      await run('node', ['types-nodenext/dist/greeting.js'], { cwd: folder })
      await run('node', ['types-nodenext/dist/greeting-cjs.cjs'], { cwd: folder })
    },
  ],
  [
    'esbuild',
    async (folder) => {
      await bundle(folder, 'esbuild', 'esbuild/main.js')
      await withFiles(join(folder, 'esbuild/dist'), {}, (url) => expectCleanPage(url, EXPECTED))
    },
  ],
  [
    'webpack 5',
    async (folder) => {
      await run(bin(folder, 'webpack'), ['--config', 'webpack/webpack.config.cjs'], { cwd: folder })
      writeFileSync(join(folder, 'webpack/dist/index.html'), page)
      await withFiles(join(folder, 'webpack/dist'), {}, (url) => expectCleanPage(url, EXPECTED))
    },
  ],
  [
    'Vite 8, build',
    async (folder) => {
      await run(bin(folder, 'vite'), ['build', 'vite'], { cwd: folder })
      await withFiles(join(folder, 'vite/dist'), {}, (url) => expectCleanPage(url, EXPECTED))
    },
  ],
  [
    'Vite 8, dev',
    (folder) =>
      withServer(bin(folder, 'vite'), (port) => ['vite', '--port', port, '--strictPort', '--host', '127.0.0.1'], { cwd: folder }, (url) =>
        expectCleanPage(url, EXPECTED),
      ),
  ],
  [
    'a page whose CSP forbids wasm says E_WASM_CSP and what to allow',
    async (folder) => {
      await bundle(folder, 'strict-csp', 'strict-csp/main.js')
      const csp = (sources) => ({ 'content-security-policy': `script-src ${sources}` })
      const dist = join(folder, 'strict-csp/dist')
      await withFiles(dist, csp("'self'"), (url) => expectOnPage(url, { '#out': "E_WASM_CSP names 'wasm-unsafe-eval': true" }))
      await withFiles(dist, csp("'self' 'wasm-unsafe-eval'"), (url) => expectCleanPage(url, { '#out': 'no error' }))
    },
  ],
  [
    'the slim entry: an error that says what to do before the start, then the wasm as an asset',
    async (folder) => {
      await bundle(folder, 'slim', 'slim/main.js')
      const dist = join(folder, 'slim/dist')
      cpSync(join(folder, 'node_modules/samekey/dist/core.wasm'), join(dist, 'core.wasm'))
      const bytes = textOf(readFileSync(join(dist, 'core.wasm'))).slice(0, 400)
      if (readFileSync(join(dist, 'bundle.js'), 'utf8').includes(bytes)) throw new Error('the slim bundle carries the wasm')
      await withFiles(dist, {}, async (url) => {
        await expectCleanPage(url, { '#before': 'E_WASM_NOT_STARTED names startWasm: true', ...GREETING })
      })
    },
  ],
]

async function bundle(folder, app, entry) {
  const dist = join(folder, app, 'dist')
  mkdirSync(dist, { recursive: true })
  const args = [entry, '--bundle', '--minify', '--format=esm', `--outfile=${join(dist, 'bundle.js')}`, '--define:process.env.NODE_ENV="production"']
  await run(bin(folder, 'esbuild'), args, { cwd: folder })
  writeFileSync(join(dist, 'index.html'), page)
}
