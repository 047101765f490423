/**
 * The glue without what nobody here uses: other ways to start it, finalizers, views and loops for cases
 * that do not occur. It is a tenth of what an app downloads of us.
 *
 * As with glue.js, each edit must fit exactly as often as it says: should wasm-bindgen write its glue differently one
 * day, the build stops here.
 */
export function slimGlue(source, { isFetch }) {
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
  glue = glue.replaceAll(/^ +__proto__: null,\n/gm, '')

  // An engine is freed by the class that holds it (src/border/engine.ts), also where nobody holds that; a request is freed by
  // whoever sends it. Closures are freed by the Rust that made them.
  once(/^const \w+Finalization = [^;]*;\n/m, '')
  if (glue.includes('CLOSURE_DTORS')) once(/^const CLOSURE_DTORS = [^;]*;\n/m, '')
  some(/^ *(?:\w+Finalization|CLOSURE_DTORS)\.(?:un)?register\([^;]*\);\n/gm, '')
  // Each has one holder, who frees it once.
  once(/^ {4}__destroy_into_raw\(\) \{\n[^]*?^ {4}\}\n/m, '')
  once('this.__destroy_into_raw()', 'this.__wbg_ptr')
  // Ours take nothing, and are called by timers and events: never while they run.
  const [, letGo] = /--state\.cnt === 0\) \{\n +wasm\.(\w+)\(state\.a, state\.b\)/.exec(glue) ?? []
  once(functionNamed('makeMutClosure'), CLOSURE.replace('LET_GO', letGo))

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
  const passesText = glue.includes('passStringToWasm0')
  if (passesText) {
    some(/, wasm\.__wbindgen_malloc, wasm\.__wbindgen_realloc\)/g, ')')
    once(functionNamed('passStringToWasm0'), isFetch ? PASS_STRING : PASS_KEY)
  }

  once(/^const MAX_SAFARI_DECODE_BYTES = \d+;\nlet numBytesDecoded = 0;\n/m, '')
  once('let cachedTextDecoder;\n', '')
  if (isFetch) {
    // Made anew for each text, it needs no counting of what Safari's cannot decode after two gigabytes.
    once(functionNamed('decodeText'), 'function decodeText(bytes) {\n    return utf8Decoder().decode(bytes);\n}\n')
    return glue
  }
  // The cache and the link take keys and numbers, and give numbers: no text of theirs is decoded, and no `undefined` is
  // put into their table of what is JavaScript's.
  for (const name of ['decodeText', 'getStringFromWasm0']) once(functionNamed(name), '')
  once(/^import \{ [^}]* \} from '..\/utf8'\n/m, '')
  if (passesText) once('let cachedTextEncoder;\n', '')
  once('    wasm.__wbindgen_start();\n', '')
  // Nothing that they call throws, but what is called when a timer fires: the host hears of that.
  some(/^( {8}\w+: function)\(\) \{ return handleError\(function (\([^]*?^ {8}\}), arguments\); \},\n/gm, '$1$2,\n')
  for (const name of ['handleError', 'addToExternrefTable0']) once(functionNamed(name), '')
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

const CLOSURE = `function makeMutClosure(a, b, call) {
    let holders = 1;
    const letGo = () => {
        if (--holders === 0) wasm.LET_GO(a, b);
    };
    const real = () => {
        holders++;
        try {
            call(a, b);
        } finally {
            letGo();
        }
    };
    real._wbg_cb_unref = letGo;
    return real;
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

// Keys are JSON: what is not ASCII is escaped as JSON escapes it, and then each character is a byte. For 38 characters that
// takes some 95 ns, where a `TextEncoder` takes 70 (measured), and a stand-in for it, where there is none, 0.2 kB.
const PASS_KEY = `function passStringToWasm0(text) {
    const strange = /[^\\0-\\x7f]/g;
    if (strange.test(text)) text = text.replace(strange, (unit) => '\\\\u' + unit.charCodeAt().toString(16).padStart(4, 0));
    const { length } = text;
    const ptr = wasm.__wbindgen_malloc(length, 1) >>> 0;
    const bytes = getUint8ArrayMemory0();
    for (let at = 0; at < length; at++) bytes[ptr + at] = text.charCodeAt(at);
    WASM_VECTOR_LEN = length;
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
