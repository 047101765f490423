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
  encodeInto(text: string, into: Uint8Array): { read: number; written: number }
}

/** The host's decoder, or ours. Malformed bytes become U+FFFD; a byte order mark is kept as text. */
export function utf8Decoder(): Utf8Decoder {
  return typeof TextDecoder === 'function' ? new TextDecoder('utf-8', { ignoreBOM: true }) : { decode: decodeSlowly }
}

/** The host's encoder, or ours. Lone surrogates become U+FFFD. */
export function utf8Encoder(): Utf8Encoder {
  if (typeof TextEncoder === 'function') return new TextEncoder()
  const encode = (text: string) => new Uint8Array(bytesOf(text))
  return {
    encode,
    encodeInto(text, into) {
      // wasm-bindgen always leaves room for three bytes a code unit, so all of the text fits.
      const bytes = encode(text)
      into.set(bytes)
      return { read: text.length, written: bytes.length }
    },
  }
}

// `encodeURIComponent` and `decodeURIComponent` are the UTF-8 coders every JavaScript host has had since 1999.
function bytesOf(text: string): number[] {
  const bytes: number[] = []
  const escaped = encodeURIComponent(text.replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, '\uFFFD'))
  for (let i = 0; i < escaped.length; i++) {
    if (escaped[i] === '%') {
      bytes.push(parseInt(escaped.slice(i + 1, i + 3), 16))
      i += 2
    } else {
      bytes.push(escaped.charCodeAt(i))
    }
  }
  return bytes
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
