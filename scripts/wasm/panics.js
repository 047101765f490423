/**
 * Takes the words out of panics.
 *
 * Our wasm aborts on panic: whatever the message, JavaScript sees a trap. Yet each panic brings its message, and all
 * of `core::fmt` to write it with, which is half of a small module. So here, while functions still have names, the
 * body of everything that only panics becomes `unreachable`; wasm-opt then finds the rest to be dead, and sees that
 * what follows a call of these is never reached.
 */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

// binaryen belongs to the npm package; this folder has no dependencies of its own.
const require = createRequire(join(import.meta.dirname, '../../pkg-template/package.json'))
const { default: binaryen } = await import(pathToFileURL(require.resolve('binaryen')))

/** Functions that never return, as Rust names them in its standard library and in what we build on. */
const PANICS = [
  'core::panicking::',
  'core::option::unwrap_failed', 'core::option::expect_failed', 'core::result::unwrap_failed',
  'core::slice::index::slice_index_fail', 'core::str::slice_error_fail',
  'core::cell::panic_already_borrowed', 'core::cell::panic_already_mutably_borrowed',
  'core::slice::sort::shared::smallsort::panic_on_ord_violation',
  'alloc::vec::Vec::swap_remove::assert_failed', 'alloc::vec::Vec::remove::assert_failed',
  'alloc::raw_vec::handle_error', 'alloc::raw_vec::capacity_overflow', 'alloc::alloc::handle_alloc_error',
  'wasm_bindgen::throw_str', 'wasm_bindgen::__rt::throw_null',
  'hashbrown::raw::Fallibility::capacity_overflow', 'hashbrown::raw::Fallibility::alloc_err',
  'std::panicking::', 'std::alloc::rust_oom', 'std::sys::backtrace::__rust_end_short_backtrace',
  '__rustc::rust_begin_unwind', '__rustc::rust_panic', '__rustc::__rust_start_panic', '__rustc::__rust_abort',
  '__rustc::__rust_alloc_error_handler',
]

/** What then stands only in vtables, where wasm-opt has to let it be: messages, and how to write them. */
const VTABLES = /std::panicking::| as core::fmt::/

/** What remains if something still writes text: should Rust panic in a new way one day, the build says so. */
const WORDS = /core::fmt::|alloc::fmt::|std::panicking::/

/** The module with its panics mute; function names are kept. */
export function mutePanics(wasm) {
  const module = binaryen.readBinary(wasm)
  for (const fn of functionsOf(module)) {
    const name = plainNameOf(fn)
    if (VTABLES.test(name) || PANICS.some((panic) => name.startsWith(panic))) binaryen.Function.setBody(fn, module.unreachable())
  }
  binaryen.setDebugInfo(true)
  const muted = module.emitBinary()
  module.dispose()
  return muted
}

/** Throws if something still writes text. */
export function requireNoWords(wasm) {
  const module = binaryen.readBinary(wasm)
  const left = functionsOf(module).filter((fn) => !isMute(fn)).map(plainNameOf).filter((name) => WORDS.test(name))
  module.dispose()
  if (left.length) throw new Error(`panics bring words again, through one of these (mend scripts/wasm/panics.js):\n  ${left.join('\n  ')}`)
}

function isMute(fn) {
  return binaryen.getExpressionId(binaryen.Function.getBody(fn)) === binaryen.UnreachableId
}

function functionsOf(module) {
  return Array.from({ length: module.getNumFunctions() }, (_, index) => module.getFunctionByIndex(index))
}

/** `<alloc[1c0ffee]::vec::Vec<_, _>>::swap_remove` without what changes from one compiler to the next. */
function plainNameOf(fn) {
  const name = binaryen.Function.getName(fn)
  return name.replaceAll(/\[[0-9a-f]+\]/g, '').replaceAll(/<[_, ]+>/g, '').replaceAll(/[<>]/g, '')
}
