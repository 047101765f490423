/** Jest 29 with jsdom, CommonJS: a host without TextDecoder, and with module instances of its own. */
import { join } from 'node:path'
import { run } from '../harness/processes.mjs'

export const group = 'jest-29'

export const checks = [
  ['CommonJS in jsdom, without TextDecoder', (folder) => run(join(folder, 'node_modules/.bin/jest'), ['--ci'], { cwd: folder })],
]
