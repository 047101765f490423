/** Every entry of the package, bundled: JavaScript in two formats, and its types in two formats. */
import { createRequire } from 'node:module'
import { join, relative } from 'node:path'
import { refuseInternal } from './internal.js'
import { sources } from './sources.js'

/** Entry name in `dist/` -> its source, per graph. A graph is one set of module instances. */
const GRAPHS = [
  {
    inlined: true,
    entries: {
      core: 'src/core/index.ts',
      react: 'src/react/index.ts',
      shadower: 'src/shadower/index.ts',
      'shadower/keys': 'src/shadower/keys.ts',
      live: 'src/live/index.ts',
      'live/react': 'src/live/react.ts',
    },
  },
  {
    inlined: false,
    entries: {
      'slim/core': 'src/slim/index.ts',
      'slim/react': 'src/react/index.ts',
      'slim/shadower': 'src/shadower/index.ts',
      'slim/shadower/keys': 'src/shadower/keys.ts',
      'slim/live': 'src/slim/live.ts',
      'slim/live/react': 'src/slim/liveReact.ts',
    },
  },
]
const EXTERNAL = [/^react($|\/)/, /^react-dom($|\/)/]

export async function bundle({ template, dist }) {
  // The tools live with the package they build; the scripts have no dependencies of their own.
  const require = createRequire(join(template, 'package.json'))
  const { rollup } = require('rollup')
  const esbuild = require('esbuild')
  const dts = (await import(require.resolve('rollup-plugin-dts').replace(/\.cjs$/, '.mjs'))).default

  for (const { inlined, entries } of GRAPHS) {
    const input = Object.fromEntries(Object.entries(entries).map(([name, path]) => [name, join(template, path)]))
    const prefix = inlined ? 'chunks/' : 'slim/chunks/'
    const javascript = await rollup({
      input,
      external: EXTERNAL,
      plugins: [sources({ esbuild, template, inlined })],
      onwarn: refuse,
    })
    for (const format of ['esm', 'cjs']) await javascript.write(javascriptOutput({ template, dist, prefix, format }))
    await javascript.close()

    const types = await rollup({
      input,
      external: EXTERNAL,
      plugins: [dts({ tsconfig: join(template, 'tsconfig.build.json') })],
      onwarn: refuse,
    })
    for (const extension of ['d.ts', 'd.cts']) {
      const { output } = await types.write({
        dir: dist,
        format: 'esm',
        entryFileNames: `[name].${extension}`,
        chunkFileNames: `${prefix}[name].${extension}`,
      })
      for (const { fileName, code } of output) refuseInternal(fileName, code)
    }
    await types.close()
  }
}

function javascriptOutput({ template, dist, prefix, format }) {
  const extension = format === 'esm' ? 'js' : 'cjs'
  return {
    dir: dist,
    format,
    exports: 'named',
    minifyInternalExports: false,
    // `require('react')` is its own namespace: no copying helper around it.
    interop: 'esModule',
    entryFileNames: `[name].${extension}`,
    chunkFileNames: `${prefix}[name].${extension}`,
    sourcemap: true,
    // Paths in the maps start at the package's root, whatever machine built it; the text is inside the map.
    sourcemapPathTransform: (path, map) => relative(join(map, '..'), join(dist, '..', relative(template, join(map, '..', path)))),
    hoistTransitiveImports: false,
    // Else the client chunk would swallow whatever it imports, and the core with it.
    onlyExplicitManualChunks: true,
    manualChunks: (id, { getModuleInfo }) => {
      const bytes = /generated[\\/](wasm|fetch|live)Bytes\.ts$/.exec(id)
      if (bytes) return `${bytes[1]}-bytes`
      // React Server Components: a chunk is a client boundary or it is not. Only what says 'use client' is, so that a server
      // component may still import `QueryClient` or `queryOptions` from `samekey/react`.
      // The schema's keys and hooks stay apart from it, for those who use neither.
      if (/shadower[\\/]generated\.ts$/.test(id)) return 'shadower-keys'
      if (!getModuleInfo(id)?.meta.samekey?.client) return undefined
      const room = /src[\\/](shadower|live)[\\/]/.exec(id)
      return room ? `${room[1]}-client` : 'client'
    },
    banner: (chunk) => (/(^|-)client$/.test(chunk.name) ? `'use client'\n` : ''),
  }
}

/** A warning of the bundler is a fault of the package: a cycle, an unresolved import, an unused external. */
function refuse(warning) {
  if (warning.code === 'EMPTY_BUNDLE') return
  throw new Error(`rollup: ${warning.message}`)
}
