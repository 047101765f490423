/**
 * Blanks what no code can read any more of a wasm's data: once panics are mute (panics.js), nobody asks for their
 * messages, the names of source files, and the lines in them. The linker laid those out before, and wasm-opt knows no
 * bounds within a segment; the linker's map does.
 *
 * Whatever is used is named by a constant: an address in it, or at its end (where a loop may stop), in the code or in
 * other data that is used. What no constant names is blanked if it is a long text, or points to one, as all of the above
 * does. Lists of bytes and tables of numbers stay in any case, since code may count in them from elsewhere.
 */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const require = createRequire(join(import.meta.dirname, '../../pkg-template/package.json'))
const { default: binaryen } = await import(pathToFileURL(require.resolve('binaryen')))

const DATA = 11

/** A text of so many bytes is a message, or the name of a file. */
const LONG = 24

/** The module with zeros where there was dead data; `map` is what the linker wrote of it (`-Map`). */
export function blankDeadData(wasm, map) {
  const segments = segmentsOf(wasm)
  const pieces = piecesOf(map).filter(({ start, end }) => segments.some((segment) => start >= segment.start && end <= segment.end))
  const bytesOf = ({ start, end }) => {
    const { at, start: first } = segments.find((segment) => start >= segment.start && end <= segment.end)
    return wasm.subarray(at + start - first, at + end - first)
  }
  const pieceAt = (address) => pieces.find(({ start, end }) => address >= start && address < end)
  const blankable = new Set(pieces.filter((piece) => isText(bytesOf(piece)) || pointsToText(wordsOf(piece, bytesOf), pieceAt, bytesOf)))

  const alive = new Set(pieces.filter((piece) => !blankable.has(piece)))
  const pending = [...alive]
  const reach = (piece) => {
    if (!piece || alive.has(piece)) return
    alive.add(piece)
    pending.push(piece)
  }
  for (const address of constantsOf(wasm)) {
    reach(pieceAt(address))
    reach(pieces.find((piece) => address === piece.end && isText(bytesOf(piece))))
  }
  for (let piece; (piece = pending.pop()); ) if (!isText(bytesOf(piece))) wordsOf(piece, bytesOf).forEach((word) => reach(pieceAt(word)))

  for (const piece of pieces) if (!alive.has(piece)) bytesOf(piece).fill(0)
  return wasm
}

/** What the linker put where: one piece for each of Rust's statics, as they are sections of their own. */
function piecesOf(map) {
  return [...map.matchAll(/^ *([0-9a-f]+) +[0-9a-f]+ +([0-9a-f]+) +\S.*:\(\.(?:rodata|data)[^)\n]*\)$/gm)]
    .filter(([line]) => !line.includes('switch.table'))
    .map(([, start, size]) => ({ start: parseInt(start, 16), end: parseInt(start, 16) + parseInt(size, 16) }))
}

/** Each constant in the code that may be an address, and each offset of a load or a store. */
function constantsOf(wasm) {
  const module = binaryen.readBinary(wasm)
  const text = module.emitText()
  module.dispose()
  const code = text.replaceAll(/^ \((?:data|elem|global|memory|table)\b.*$/gm, '')
  return new Set([...code.matchAll(/\(i32\.const (-?\d+)\)|\boffset=(\d+)/g)].map(([, constant, offset]) => Number(constant ?? offset) >>> 0))
}

/** The data segments: where they will be in the memory, and where they are in the file. */
function segmentsOf(wasm) {
  let at = 8
  const leb = () => {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = wasm[at++]
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
  }
  while (at < wasm.length) {
    const id = wasm[at++]
    const size = leb()
    const end = at + size
    if (id === DATA) {
      return Array.from({ length: leb() }, () => {
        // `i32.const ADDRESS end`, of an active segment in the one memory.
        if (leb() !== 0 || wasm[at++] !== 0x41) throw new Error('a data segment of a kind that scripts/wasm/data.js does not know')
        const start = leb()
        at++
        const length = leb()
        const segment = { start, end: start + length, at }
        at += length
        return segment
      })
    }
    at = end
  }
  return []
}

function wordsOf(piece, bytesOf) {
  const bytes = bytesOf(piece)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return Array.from({ length: bytes.length >> 2 }, (_, word) => view.getUint32(word * 4, true))
}

function isText(bytes) {
  const readable = bytes.filter((byte) => byte >= 0x20 && byte < 0x7f).length
  return bytes.length >= LONG && readable * 4 >= bytes.length * 3
}

/** Such as `Location { file, length, line, column }`, and lists of `&str`. */
function pointsToText(words, pieceAt, bytesOf) {
  const target = words.length > 1 && pieceAt(words[0])
  return target && isText(bytesOf(target))
}
