// @vitest-environment node
/** Whoever changes the import finds each of TanStack Query's names, or finds in docs/react.md that it is not there yet. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { expect, it } from 'vitest'

const template = join(import.meta.dirname, '..')
const theirs = join(template, 'node_modules/@tanstack/react-query/build/modern/index.d.ts')
const ours = join(template, 'src/react/index.ts')

it('every name of @tanstack/react-query is exported, or listed as not there yet', { timeout: 300_000 }, () => {
  const config = ts.getParsedCommandLineOfConfigFile(join(template, 'tsconfig.json'), {}, { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => {} })!
  const program = ts.createProgram([theirs, ours], config.options)
  const checker = program.getTypeChecker()
  const namesOf = (file: string) => checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file)!)!).map(({ name }) => name)
  const here = new Set(namesOf(ours))
  const missing = namesOf(theirs).filter((name) => !here.has(name))

  const page = readFileSync(join(template, '../docs/react.md'), 'utf8')
  const section = /^## What is not there yet\n(.*?)^## /ms.exec(page)![1]!
  const listed = new Set([...section.matchAll(/`(\w+)`/g)].map(([, name]) => name))
  expect(namesOf(theirs).length).toBeGreaterThan(150)
  expect(missing.filter((name) => !listed.has(name)), 'not there, and docs/react.md does not say so').toEqual([])
  expect([...listed].filter((name) => here.has(name!)), 'there by now').toEqual([])
})
