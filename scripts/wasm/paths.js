/** rustc's flags that take this machine's folders out of what it compiles. */
import { readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

export function remapFlags(root) {
  const registry = join(process.env.CARGO_HOME ?? join(homedir(), '.cargo'), 'registry/src')
  return [...readdirSync(registry).map((name) => [join(registry, name), 'crate']), [root, 'samekey']]
    .map(([from, to]) => `--remap-path-prefix=${from}=${to}`)
    .join(' ')
}
