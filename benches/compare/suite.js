/** All cases in one host; the bundle that both Node and Chromium run. */
import { createElement } from 'react'
import { createRoot } from 'react-dom/client'
import { flushSync } from 'react-dom'
import { invalidations, observers, reads, refetches, renders } from './cases.js'
import { libraries } from './libraries.js'

/** `report` is told each row as it is there. */
export async function run(report, { sizes = [1_000, 10_000, 100_000] } = {}) {
  const list = []
  const group = async (name, cases) => {
    const from = list.length
    await cases()
    for (const row of list.slice(from)) report({ group: name, ...row })
  }
  await group('Reading and writing', () => reads(libraries, list))
  await group('Invalidation', () => invalidations(libraries, list, sizes))
  await group('Observers', () => observers(libraries, list))
  await group('React', () => renders(libraries, list, { createElement, createRoot, flushSync }))
  await group('Refetch', () => refetches(libraries, list))
}
