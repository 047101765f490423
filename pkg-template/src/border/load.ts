import { SamekeyError } from '../core/samekeyError'
import { Core, initSync, type InitOutput } from './generated/core.js'
import { wasmHex } from './generated/wasmBytes'

/** What `startWasm` takes: the bytes of `samekey/core.wasm`, or a module compiled from them. */
export type WasmSource = BufferSource | WebAssembly.Module

let instance: InitOutput | undefined

/** Starts the wasm from bytes or a module of your own. Only the slim entry needs it; later calls change nothing. */
export function startWasm(source: WasmSource): void {
  instance ??= instantiate(source)
}

/**
 * The wasm, started at the first use rather than at import: importing the package does nothing, so bundlers may
 * drop what is not used, and a server that never makes a client never compiles it.
 */
export function wasm(): InitOutput {
  if (instance) return instance
  if (!wasmHex) throw new SamekeyError('E_WASM_NOT_STARTED')
  instance = instantiate(fromHex(wasmHex))
  return instance
}

/** A new engine, whose timer calls `onWake`. */
export function newCore(onWake: () => void): Core {
  wasm()
  return new Core(onWake)
}

function instantiate(source: WasmSource): InitOutput {
  if (typeof WebAssembly === 'undefined') throw new SamekeyError('E_WASM_UNSUPPORTED')
  try {
    return initSync({ module: source })
  } catch (cause) {
    // Chromium, Firefox and Safari word it differently, and all name the policy or the directive.
    const forbidden = /content.security|unsafe-eval|csp/i.test(String(cause))
    throw new SamekeyError(forbidden ? 'E_WASM_CSP' : 'E_WASM_UNSUPPORTED', { cause })
  }
}

function fromHex(hex: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(hex.length / 2)
  for (let i = 0; i < bytes.length; i++) bytes[i] = (digit(hex, 2 * i) << 4) | digit(hex, 2 * i + 1)
  return bytes
}

/** A lower-case hex digit's value. Four times faster than `parseInt` on slices, at the one moment when users wait. */
function digit(hex: string, at: number): number {
  const code = hex.charCodeAt(at)
  return code < 97 ? code - 48 : code - 87
}
