/**
 * Text to UTF-8 and back, on hosts with and without `TextEncoder` and `TextDecoder`.
 *
 * Every browser and Node has both. jsdom does not pass them on, so under Jest's jsdom environment they are undefined;
 * there the slow answers below stand in. wasm-bindgen's glue takes its coders from here (scripts/wasm/glue.js).
 * Nothing happens at import.
 */

/** What the border needs of a `TextDecoder`. */
export interface Utf8Decoder {
  decode(bytes: Uint8Array): string
}

/** What the border needs of a `TextEncoder`. */
export interface Utf8Encoder {
  encode(text: string): Uint8Array
  /** What does not fit is not written: a `TextEncoder` writes as much as fits, this one's stand-in all or nothing. */
  encodeInto(text: string, into: Uint8Array): { read: number; written: number }
}

/** The host's decoder, or ours. Malformed bytes become U+FFFD; a byte order mark is kept as text. */
export function utf8Decoder(): Utf8Decoder {
  return typeof TextDecoder === 'function' ? new TextDecoder('utf-8', { ignoreBOM: true }) : { decode: decodeSlowly }
}

/** The host's encoder, or ours. Lone surrogates become U+FFFD. */
export function utf8Encoder(): Utf8Encoder {
  if (typeof TextEncoder === 'function') return new TextEncoder()
  return {
    encode: encodeSlowly,
    encodeInto(text, into) {
      const bytes = encodeSlowly(text)
      if (bytes.length > into.length) return { read: 0, written: 0 }
      into.set(bytes)
      return { read: text.length, written: bytes.length }
    },
  }
}

// `encodeURIComponent` and `decodeURIComponent` are the UTF-8 coders every JavaScript host has had since 1999. What they
// escape, `unescape` makes characters of, one for each byte.
function encodeSlowly(text: string): Uint8Array {
  // With the flag `u`, a surrogate is a lone one.
  return Uint8Array.from(unescape(encodeURIComponent(text.replace(/\p{Cs}/gu, '\uFFFD'))), (byte) => byte.charCodeAt(0))
}

function decodeSlowly(bytes: Uint8Array): string {
  let escaped = ''
  for (const byte of bytes) escaped += `%${byte < 16 ? '0' : ''}${byte.toString(16)}`
  try {
    return decodeURIComponent(escaped)
  } catch {
    // Rust's strings are always well-formed; only foreign bytes come here.
    return Array.from(bytes, (byte) => (byte < 0x80 ? String.fromCharCode(byte) : '\uFFFD')).join('')
  }
}
