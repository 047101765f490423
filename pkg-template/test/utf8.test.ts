// @vitest-environment node
import { afterEach, describe, expect, it, vi } from 'vitest'
import { utf8Decoder, utf8Encoder } from '../src/border/utf8'

const texts = ['', 'ascii', 'exec:kpis:Zürich', '東京 %41 ~!', '👩‍💻 😀', '\uFEFFmark', 'a\u0000b', '\u007F\u0080\u07FF\u0800\uFFFF']

afterEach(() => vi.unstubAllGlobals())

describe.each([
  ['the host’s coders', () => {}],
  [
    'a host without TextEncoder and TextDecoder (jsdom)',
    () => {
      vi.stubGlobal('TextEncoder', undefined)
      vi.stubGlobal('TextDecoder', undefined)
    },
  ],
])('%s', (_name, arrange) => {
  it.each(texts)('writes %j as UTF-8 and reads it back', (text) => {
    arrange()
    const bytes = utf8Encoder().encode(text)
    expect(Buffer.from(bytes)).toEqual(Buffer.from(text, 'utf8'))
    expect(utf8Decoder().decode(bytes)).toBe(text)
  })

  it('writes into a given place and says how much it wrote', () => {
    arrange()
    const into = new Uint8Array(12)
    expect(utf8Encoder().encodeInto('Zürich', into)).toEqual({ read: 6, written: 7 })
    expect(Buffer.from(into.subarray(0, 7)).toString('utf8')).toBe('Zürich')
  })

  it('puts U+FFFD for a lone surrogate, as the standard says', () => {
    arrange()
    expect(Buffer.from(utf8Encoder().encode('a\uD800b\uDC00')).toString('utf8')).toBe('a\uFFFDb\uFFFD')
  })

  it('does not throw on bytes that are not UTF-8', () => {
    arrange()
    expect(utf8Decoder().decode(new Uint8Array([0x61, 0xff, 0x62]))).toBe('a\uFFFDb')
  })
})
