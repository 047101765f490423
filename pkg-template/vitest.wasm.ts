import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Builds what `src/border/generated/` should hold, unless it already does. */
export default function setup(): void {
  if (process.env['SAMEKEY_BUILT'] === '1') return
  execFileSync(fileURLToPath(new URL('../scripts/build-wasm', import.meta.url)), { stdio: 'inherit' })
}
