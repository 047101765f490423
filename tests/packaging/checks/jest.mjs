/** Jest 29, CommonJS: with jsdom a host without TextDecoder and fetch, and with module instances of its own. */
import { join } from 'node:path'
import { run } from '../harness/processes.mjs'

export const group = 'jest-29'

export const checks = [
  ['CommonJS in jsdom, without TextDecoder', (folder) => jest(folder, 'greeting')],
  ['CommonJS in Node: samekey/live, samekey/shadower/keys', (folder) => jest(folder, 'live')],
]

const jest = (folder, name) => run(join(folder, 'node_modules/.bin/jest'), ['--ci', name], { cwd: folder })
