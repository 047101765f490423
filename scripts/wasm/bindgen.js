/** wasm-bindgen's command line must be the version the crate was compiled with; its format changes with each release. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The version of `wasm-bindgen` in Cargo.lock: the one place that says it. */
export function lockedBindgen(root) {
  const lock = readFileSync(join(root, 'Cargo.lock'), 'utf8')
  const found = /name = "wasm-bindgen"\nversion = "([^"]+)"/.exec(lock)
  if (!found) throw new Error('Cargo.lock names no wasm-bindgen')
  return found[1]
}

/** The version on the PATH, or `undefined`. */
export function installedBindgen() {
  try {
    return execFileSync('wasm-bindgen', ['--version']).toString().trim().split(' ')[1]
  } catch {
    return undefined
  }
}

/** Stops with what to do, unless the installed command line is the one Cargo.lock wants. */
export function requireBindgen(root) {
  const wanted = lockedBindgen(root)
  const found = installedBindgen()
  if (found === wanted) return
  console.error(
    `wasm-bindgen ${wanted} is needed (Cargo.lock says so), ${found ? `${found} is installed` : 'none is installed'}.\n` +
      'Run `make setup-build`, or `cargo install wasm-bindgen-cli --version ' + wanted + '`.',
  )
  process.exit(1)
}
