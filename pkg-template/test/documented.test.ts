// @vitest-environment node
/** Whatever the package exports is documented: the export itself, and the public members of its classes. */
import { join } from 'node:path'
import ts from 'typescript'
import { expect, it } from 'vitest'

const template = join(import.meta.dirname, '..')
const entries = ['core/index', 'react/index', 'shadower/index', 'slim/index', 'live/react', 'slim/live'].map((name) => join(template, 'src', `${name}.ts`))

it('every export, and every public member of an exported class, has a doc comment', { timeout: 300_000 }, () => {
  const config = ts.getParsedCommandLineOfConfigFile(join(template, 'tsconfig.json'), {}, { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => {} })!
  const program = ts.createProgram(entries, config.options)
  const checker = program.getTypeChecker()
  const documented = (symbol: ts.Symbol) => symbol.getDocumentationComment(checker).length > 0 || symbol.getJsDocTags(checker).length > 0
  const seen = new Set<ts.Symbol>()
  const bare: string[] = []
  for (const entry of entries) {
    for (const exported of checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(entry)!)!)) {
      const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported
      if (seen.has(symbol)) continue
      seen.add(symbol)
      if (!documented(symbol)) bare.push(symbol.name)
      for (const declaration of symbol.declarations ?? []) {
        if (!ts.isClassDeclaration(declaration)) continue
        for (const member of declaration.members) {
          const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected | ts.ModifierFlags.Override
          if (!member.name || ts.isPrivateIdentifier(member.name) || ts.getCombinedModifierFlags(member) & hidden) continue
          if (!documented(checker.getSymbolAtLocation(member.name)!)) bare.push(`${symbol.name}.${member.name.getText()}`)
        }
      }
    }
  }
  expect(seen.size).toBeGreaterThan(100)
  expect(bare).toEqual([])
})
