import { SamekeyError } from '../core/samekeyError'
import { Core, initSync } from './generated/core.js'
import { wasmText } from './generated/wasmBytes'
import { bytesOf, instantiate, type WasmSource } from './instantiate'

let memory: WebAssembly.Memory | undefined

/** Starts the wasm from bytes or a module of your own. Only the slim entry needs it; later calls change nothing. */
export function startWasm(source: WasmSource): void {
  memory ??= instantiate(initSync, source)
}

/**
 * The wasm, started at the first use rather than at import: importing the package does nothing, so bundlers may
 * drop what is not used, and a server that never makes a client never compiles it. Gives its memory.
 */
export function wasm(): WebAssembly.Memory {
  if (memory) return memory
  if (!wasmText) throw new SamekeyError('E_WASM_NOT_STARTED')
  return (memory = instantiate(initSync, bytesOf(wasmText)))
}

/** A new engine, whose timer calls what `waker` gives when it is set. */
export function newCore(waker: () => () => void): Core {
  wasm()
  return new Core(waker)
}
