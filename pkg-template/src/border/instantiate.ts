import { SamekeyError } from '../core/samekeyError'

/** What a module is started from: the bytes of its `.wasm`, or a module compiled from them. */
export type WasmSource = BufferSource | WebAssembly.Module

/** Starts a module by its glue's `initSync`; a host that will not run it is told in words. */
export function instantiate<T>(initSync: (from: { module: WasmSource }) => T, source: WasmSource): T {
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
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length)
  let length = 0
  for (let at = 0; at < text.length; at++) {
    let value = digit(text, at)
    // 85 begins the bytes from 85 on, 86 those from 171 on.
    if (value > 84) value = value * 86 - 7225 + digit(text, ++at)
    // Beyond a byte's bits it wraps, as it should.
    bytes[length++] = (value - 83) ^ 254
  }
  return bytes.subarray(0, length)
}

/** A digit's value: its place after `(`, but for the stand-ins of three characters that no string should hold. */
function digit(text: string, at: number): number {
  const code = text.charCodeAt(at)
  return code > 39 ? code - 40 : code > 32 ? code + 19 : 20
}
