/**
 * Makes wasm-bindgen's glue import nothing it may not find.
 *
 * The glue constructs a `TextDecoder` and a `TextEncoder` when it is imported. jsdom has neither, so under Jest the
 * mere `import` of the package would throw. Both become lazy, and come from `src/border/utf8.ts`, which has an answer
 * for hosts without them. Each edit must fit exactly once: should wasm-bindgen write its glue differently one day, the
 * build stops here rather than in a user's test run.
 */
export function adaptGlue(source) {
  let glue = source
  const imports = []
  if (glue.includes('TextDecoder')) {
    glue = replaceOnce(glue, /let cachedTextDecoder = new TextDecoder\([^)]*\);\ncachedTextDecoder\.decode\(\);\n/, 'let cachedTextDecoder;\n')
    glue = replaceOnce(glue, /( +)cachedTextDecoder = new TextDecoder\([^)]*\);\n +cachedTextDecoder\.decode\(\);\n/, '$1cachedTextDecoder = utf8Decoder();\n')
    glue = replaceOnce(glue, 'return cachedTextDecoder.decode(bytes);', 'return (cachedTextDecoder ??= utf8Decoder()).decode(bytes);')
    imports.push('utf8Decoder')
  }
  if (glue.includes('TextEncoder')) {
    glue = replaceOnce(glue, /const cachedTextEncoder = new TextEncoder\(\);\n\nif \(!\('encodeInto' in cachedTextEncoder\)\) \{\n[\s\S]*?\n\}\n/, 'let cachedTextEncoder;\n')
    glue = glue.replaceAll(/cachedTextEncoder\.(encode|encodeInto)\(/g, '(cachedTextEncoder ??= utf8Encoder()).$1(')
    imports.push('utf8Encoder')
  }
  // `using` would free an engine under its cache's hands, and `Symbol.dispose` is unknown to TypeScript's ES2022.
  glue = glue.replaceAll(/^if \(Symbol\.dispose\).*\n/gm, '')
  for (const name of ['TextDecoder', 'TextEncoder']) {
    if (new RegExp(`new ${name}\\b`).test(glue)) throw new Error(`the glue still makes a ${name}: mend scripts/wasm/glue.js`)
  }
  const header = '// wasm-bindgen\'s glue, adapted by scripts/build-wasm: do not edit.\n'
  return header + (imports.length ? `import { ${imports.join(', ')} } from '../utf8'\n` : '') + glue
}

/** The glue's types, for those who do not compile with the newest `lib`. */
export function adaptTypes(declarations) {
  return declarations.replaceAll(/^ *\[Symbol\.dispose\]\(\): void;\n/gm, '')
}

function replaceOnce(text, pattern, replacement) {
  const pieces = typeof pattern === 'string' ? text.split(pattern).length - 1 : [...text.matchAll(new RegExp(pattern, 'g'))].length
  if (pieces !== 1) throw new Error(`wasm-bindgen's glue has changed: found ${pieces} times, not once: ${pattern}. Mend scripts/wasm/glue.js`)
  return text.replace(pattern, replacement)
}
