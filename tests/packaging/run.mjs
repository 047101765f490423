#!/usr/bin/env node
/**
 * Installs the packed package into small apps and runs each: `make test-packaging`, or `node run.mjs vite` for those
 * whose line has the word in it. One line per app; the last line counts.
 */
import { existsSync } from 'node:fs'
import { closeBrowser } from './harness/pages.mjs'
import { prepare, tarball } from './harness/folders.mjs'
import * as jest from './checks/jest.mjs'
import * as modern from './checks/modern.mjs'
import * as next from './checks/next.mjs'
import * as oldest from './checks/oldest.mjs'
import * as published from './checks/published.mjs'

if (!existsSync(tarball)) {
  console.error('pkg/samekey.tgz is missing: run `make package`')
  process.exit(1)
}

const wanted = process.argv[2]?.toLowerCase() ?? ''
const line = (group, name) => `${group}: ${name}`
const all = [published, oldest, modern, jest, next.fourteen, next.newest].flatMap(({ group, app, checks }) =>
  checks.map(([name, check]) => ({ group, app, name, check })),
)
const chosen = all.filter(({ group, name }) => line(group, name).toLowerCase().includes(wanted))

const folders = new Map()
let failed = 0
for (const { group, app, name, check } of chosen) {
  const begun = Date.now()
  let fault
  try {
    if (!folders.has(group)) folders.set(group, prepare(group, app))
    await check(await folders.get(group))
  } catch (error) {
    fault = error
  }
  console.log(`${fault ? '✘' : '✔'} ${line(group, name)} (${((Date.now() - begun) / 1000).toFixed(1)} s)`)
  if (!fault) continue
  failed++
  console.log(String(fault.message).trimEnd().split('\n').slice(0, 60).map((text) => `    ${text}`).join('\n'))
}
await closeBrowser()
console.log(`${chosen.length - failed} passed, ${failed} failed`)
process.exit(failed || !chosen.length ? 1 : 0)
