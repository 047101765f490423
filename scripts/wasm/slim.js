/**
 * The glue without what nobody here uses: other ways to start it, finalizers that never run, views and loops for cases
 * that do not occur. It is a tenth of what an app downloads of us.
 *
 * As with glue.js, each edit must fit exactly as often as it says: should wasm-bindgen write its glue differently one
 * day, the build stops here.
 */
export function slimGlue(source, { ascii }) {
  let glue = source
  const once = (pattern, replacement) => {
    glue = replaceTimes(glue, pattern, replacement, 1)
  }
  const some = (pattern, replacement) => {
    glue = replaceTimes(glue, pattern, replacement)
  }
  // Only `initSync` starts it (src/border/load.ts), and only once.
  for (const name of ['__wbg_load', '__wbg_init', '__wbg_init_once', '__wbg_finalize_init']) once(functionNamed(name), '')
  once('let __wbg_init_promise;\n', '')
  once('let wasmModule, wasmInstance, wasm;', 'let wasm;')
  once('export { initSync, __wbg_init as default };', 'export { initSync };')
  once(functionNamed('initSync'), INIT)

  // An engine is reachable from its own `onWake`, which the wasm holds, so no finalizer would ever run: a cache that is
  // cleared frees it by hand; and a request is freed by whoever sends it. Closures are freed by the Rust that made them.
  once(/^const \w+Finalization = [^;]*;\n/m, '')
  if (glue.includes('CLOSURE_DTORS')) once(/^const CLOSURE_DTORS = [^;]*;\n/m, '')
  some(/^ *(?:\w+Finalization|CLOSURE_DTORS)\.(?:un)?register\([^;]*\);\n/gm, '')

  // Numbers become numbers at the call into the wasm anyway.
  for (const [line, value, name] of [...glue.matchAll(/^ +const (val\d+) = \+(\w+);\n/gm)]) {
    const at = glue.indexOf(line)
    const end = glue.indexOf('\n    }\n', at)
    const body = glue.slice(at + line.length, end).replaceAll(new RegExp(`\\b${value}\\b`, 'g'), name)
    glue = glue.slice(0, at) + body + glue.slice(end)
  }

  // What it guards against is a text that is none, and TypeScript does that.
  if (glue.includes('let ptr0, len0, ptr1, len1;')) some(/^ {8}let ptr0, len0, ptr1, len1;\n {8}try \{\n([^]*?) {8}\} catch \(e\) \{\n[^]*?\n {8}\}\n/gm, (_, lines) =>
    lines.replaceAll(/^ {12}(\w+ = )/gm, '        const $1'),
  )
  if (glue.includes('passStringToWasm0')) {
    some(/, wasm\.__wbindgen_malloc, wasm\.__wbindgen_realloc\)/g, ')')
    once(functionNamed('passStringToWasm0'), PASS_STRING)
  }

  if (!glue.includes('decodeText')) return glue
  once(/^const MAX_SAFARI_DECODE_BYTES = \d+;\nlet numBytesDecoded = 0;\n/m, '')
  if (!ascii) {
    // Made anew for each text, it needs no counting of what Safari's cannot decode after two gigabytes.
    once(functionNamed('decodeText'), 'function decodeText(bytes) {\n    return utf8Decoder().decode(bytes);\n}\n')
    once('let cachedTextDecoder;\n', '')
    return glue
  }
  // The core's own texts are codes and are ASCII: no word of a panic is left in it (panics.js).
  once(functionNamed('decodeText'), 'function decodeText(bytes) {\n    return String.fromCharCode(...bytes);\n}\n')
  once('let cachedTextDecoder;\n', '')
  once(/^import \{ utf8Decoder(?:, (utf8Encoder))? \} from '..\/utf8'\n/m, (_, encoder) => (encoder ? `import { ${encoder} } from '../utf8'\n` : ''))
  return glue
}

/** The glue's types, as slim as the glue. */
export function slimTypes(declarations) {
  let types = replaceTimes(declarations, /^export interface InitOutput \{\n[^]*?^\}\n/gm, '', 1)
  types = replaceTimes(types, /^\/\*\*(?:(?!\*\/)[^])*\*\/\nexport function initSync[^\n]*\n/gm, '', 1)
  types = replaceTimes(types, /^\/\*\*(?:(?!\*\/)[^])*\*\/\nexport default function __wbg_init [^\n]*\n/gm, '', 1)
  return `${types}
/** Starts the wasm and gives its memory. Once only. */
export function initSync(from: { module: SyncInitInput }): WebAssembly.Memory;
`
}

/** What the glue calls of the wasm, for `wasm-metadce`: whatever else is exported goes, and what only that needs. */
export function reachedFrom(glue) {
  const exports = exportsIn(glue).map((name) => ({ name: `export ${name}`, export: name }))
  return [{ name: 'glue', root: true, reaches: exports.map(({ name }) => name) }, ...exports]
}

/**
 * The short names that wasm-opt gave to what the wasm exports and imports, in the glue too; what it imports no more, left
 * out. `renamed` is what the pass printed.
 */
export function renameBorder(glue, renamed) {
  const { imports, exports } = JSON.parse(renamed)
  const [module] = new Set(imports.map(([from]) => from))
  const exported = new Map(exports)
  const imported = new Map(imports.map(([, name, short]) => [name, short]))
  for (const name of exportsIn(glue)) if (!exported.has(name)) throw new Error(`the glue calls ${name}, which the wasm does not export`)
  let found = 0
  const short = glue
    .replaceAll(/\bwasm\.(\w+)/g, (_, name) => `wasm.${exported.get(name)}`)
    .replaceAll(/^ {8}(\w+)(: function\([^]*?\n {8}\}(?:, arguments\); \})?,\n)/gm, (_, name, body) => {
      if (!imported.has(name)) return ''
      found++
      return `        ${imported.get(name)}${body}`
    })
  if (found !== imported.size) throw new Error(`wasm-bindgen's glue has changed: ${found} of ${imported.size} imports found. Mend scripts/wasm/slim.js`)
  // The pass calls the one module `a`.
  return replaceTimes(short, `"${module}": import0`, 'a: import0', 1)
}

function exportsIn(glue) {
  return [...new Set([...glue.matchAll(/\bwasm\.(\w+)/g)].map(([, name]) => name))]
}

const INIT = `function initSync({ module }) {
    if (!(module instanceof WebAssembly.Module)) module = new WebAssembly.Module(module);
    wasm = new WebAssembly.Instance(module, __wbg_get_imports()).exports;
    wasm.__wbindgen_start();
    return wasm.memory;
}
`

// As if all were ASCII, as nearly all keys are; then again with room for three bytes a code unit. Rust frees what it is
// given by its length, so that must be exact.
const PASS_STRING = `function passStringToWasm0(arg) {
    cachedTextEncoder ??= utf8Encoder();
    let len = arg.length;
    let ptr = wasm.__wbindgen_malloc(len, 1) >>> 0;
    let { read, written } = cachedTextEncoder.encodeInto(arg, getUint8ArrayMemory0().subarray(ptr, ptr + len));
    if (read < len) {
        ptr = wasm.__wbindgen_realloc(ptr, len, len *= 3, 1) >>> 0;
        written = cachedTextEncoder.encodeInto(arg, getUint8ArrayMemory0().subarray(ptr, ptr + len)).written;
        ptr = wasm.__wbindgen_realloc(ptr, len, written, 1) >>> 0;
    }
    WASM_VECTOR_LEN = written;
    return ptr;
}
`

function functionNamed(name) {
  return new RegExp(`^(?:async )?function ${name}\\([^)]*\\) \\{\\n[^]*?^\\}\\n`, 'm')
}

/** Replaces what is there `times` times; without it, whatever is there at least once. */
function replaceTimes(text, pattern, replacement, times) {
  const found = typeof pattern === 'string' ? text.split(pattern).length - 1 : [...text.matchAll(new RegExp(pattern, [...new Set(pattern.flags + 'g')].join('')))].length
  if (times === undefined ? found === 0 : found !== times) {
    throw new Error(`wasm-bindgen's glue has changed: found ${found} times, not ${times ?? 'once or more'}: ${pattern}. Mend scripts/wasm/slim.js`)
  }
  return text.replace(pattern, replacement)
}
