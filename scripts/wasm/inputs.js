/** What the wasm is made from, as one digest: two trees with the same digest give the same wasm. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'

// Not `src/server`, `src/bin`, `demo`: they are not compiled for wasm32.
const SOURCES = [
  'Cargo.toml', 'Cargo.lock', 'src/lib.rs', 'src/schema', 'src/engine', 'src/client', 'macros', 'schema',
  'scripts/build-wasm', 'scripts/wasm', 'pkg-template/package-lock.json',
  // Made by the build, and an input so that an edit by hand is seen and undone.
  'pkg-template/src/border/wire.ts', 'pkg-template/src/border/liveWire.ts',
]

export function digestOf(root) {
  const hash = createHash('sha256')
  hash.update(execFileSync('rustc', ['-V'], { cwd: root }))
  for (const source of SOURCES) {
    for (const file of filesUnder(join(root, source))) {
      hash.update(`${relative(root, file)}\0`).update(readFileSync(file)).update('\0')
    }
  }
  return hash.digest('hex')
}

function filesUnder(path) {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (!stat) return []
  if (!stat.isDirectory()) return [path]
  return readdirSync(path).sort().flatMap((name) => filesUnder(join(path, name)))
}
