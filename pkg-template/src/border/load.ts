import { SamekeyError } from '../core/samekeyError'
import { Core, initSync } from './generated/core.js'
import { wasmText } from './generated/wasmBytes'

/** What `startWasm` takes: the bytes of `samekey/core.wasm`, or a module compiled from them. */
export type WasmSource = BufferSource | WebAssembly.Module

let memory: WebAssembly.Memory | undefined

/** Starts the wasm from bytes or a module of your own. Only the slim entry needs it; later calls change nothing. */
export function startWasm(source: WasmSource): void {
  memory ??= instantiate(source)
}

/**
 * The wasm, started at the first use rather than at import: importing the package does nothing, so bundlers may
 * drop what is not used, and a server that never makes a client never compiles it. Gives its memory.
 */
export function wasm(): WebAssembly.Memory {
  if (memory) return memory
  if (!wasmText) throw new SamekeyError('E_WASM_NOT_STARTED')
  return (memory = instantiate(bytesOf(wasmText)))
}

/** A new engine, whose timer calls `onWake`. */
export function newCore(onWake: () => void): Core {
  wasm()
  return new Core(onWake)
}

function instantiate(source: WasmSource): WebAssembly.Memory {
  if (typeof WebAssembly === 'undefined') throw new SamekeyError('E_WASM_UNSUPPORTED')
  try {
    return initSync({ module: source })
  } catch (cause) {
    // Chromium, Firefox and Safari word it differently, and all name the policy or the directive.
    const forbidden = /content.security|unsafe-eval|csp/i.test(String(cause))
    throw new SamekeyError(forbidden ? 'E_WASM_CSP' : 'E_WASM_UNSUPPORTED', { cause })
  }
}

/** The bytes of a text that `scripts/wasm/text.js` made: a digit each, or two where the first is one of the last two. */
function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length)
  let length = 0
  for (let at = 0; at < text.length; at++) {
    let value = digit(text, at)
    // 85 begins the bytes from 85 on, 86 those from 171 on.
    if (value > 84) value = value * 86 - 7225 + digit(text, ++at)
    // Below zero it wraps, as it should.
    bytes[length++] = value - 4
  }
  return bytes.subarray(0, length)
}

/** A digit's value: its place after `(`, but for the stand-ins of three characters that no string should hold. */
function digit(text: string, at: number): number {
  const code = text.charCodeAt(at)
  return code > 39 ? code - 40 : code > 32 ? code + 19 : 20
}
