import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

// `SAMEKEY_BUILT=1` runs the same tests against `pkg/dist`, the files users get, instead of the sources.
const built = process.env['SAMEKEY_BUILT'] === '1'
// `SAMEKEY_REACT=18` runs what renders on React 18; that, and what has to find it, lie in `tests/react-18`.
const older = process.env['SAMEKEY_REACT'] === '18'
const onEighteen = ['react', 'react-dom', '@testing-library/react', '@tanstack/react-query'].map((name) => ({
  find: new RegExp(`^${name}(?=$|/)`),
  replacement: here(`../tests/react-18/node_modules/${name}`),
}))
const entry = (name: string, file = name) => here(built ? `../pkg/dist/${file}.js` : `./src/${name}/index.ts`)

export default defineConfig({
  resolve: {
    // Exact names only: `samekey` must not swallow `samekey/react`.
    alias: [
      ...(older ? onEighteen : []),
      { find: /^samekey$/, replacement: entry('core') },
      { find: /^samekey\/react$/, replacement: entry('react') },
      { find: /^samekey\/shadower$/, replacement: entry('shadower') },
      { find: /^samekey\/shadower\/keys$/, replacement: here(built ? '../pkg/dist/shadower/keys.js' : './src/shadower/keys.ts') },
      { find: /^samekey\/live$/, replacement: entry('live') },
      { find: /^samekey\/live\/react$/, replacement: here(built ? '../pkg/dist/live/react.js' : './src/live/react.ts') },
      { find: /^samekey\/slim$/, replacement: entry('slim', 'slim/core') },
    ],
    dedupe: ['react', 'react-dom'],
  },
  test: {
    // The hooks need a DOM; a test of the core says `// @vitest-environment node` in its first line.
    environment: 'jsdom',
    include: older ? ['test/**/*.test.tsx'] : ['test/**/*.test.{ts,tsx}', 'src/**/*.test.{ts,tsx}'],
    // The real wasm, by the script that makes the released one; nothing happens when it is fresh.
    globalSetup: ['./vitest.wasm.ts'],
    typecheck: { enabled: !older, include: ['test/**/*.test-d.{ts,tsx}'], tsconfig: './tsconfig.json' },
    restoreMocks: true,
    // For a machine that does other things as well; a test that hangs is found all the same.
    testTimeout: 120_000,
    // Two cores, shared with the wasm's own tests.
    maxWorkers: 2,
  },
})
