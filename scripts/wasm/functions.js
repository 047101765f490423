/** What a module is made of: its functions with their names and sizes. Needs a build with names (`NAME.named.wasm`). */
import { readFileSync } from 'node:fs'

/** Every function the module defines, largest first: `[{ name, bytes }]`. */
export function functionsOf(path) {
  const bytes = readFileSync(path)
  const sections = sectionsOf(bytes)
  const imported = countImportedFunctions(bytes, sections.find(({ id }) => id === 2))
  const names = namesOf(bytes, sections)
  const code = sections.find(({ id }) => id === 10)
  let [count, at] = leb(bytes, code.start)
  const found = []
  for (let index = 0; index < count; index++) {
    const [size, body] = leb(bytes, at)
    found.push({ name: names.get(imported + index) ?? `function ${imported + index}`, bytes: size })
    at = body + size
  }
  return found.sort((a, b) => b.bytes - a.bytes)
}

function leb(bytes, at) {
  let value = 0
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++]
    value += (byte & 0x7f) * 2 ** shift
    if (byte < 0x80) return [value, at]
  }
}

function text(bytes, at) {
  const [length, start] = leb(bytes, at)
  return [bytes.toString('utf8', start, start + length), start + length]
}

function sectionsOf(bytes) {
  const sections = []
  for (let at = 8; at < bytes.length; ) {
    const id = bytes[at]
    const [size, start] = leb(bytes, at + 1)
    sections.push({ id, start, end: start + size })
    at = start + size
  }
  return sections
}

function countImportedFunctions(bytes, section) {
  if (!section) return 0
  let [count, at] = leb(bytes, section.start)
  let functions = 0
  while (count-- > 0) {
    ;[, at] = text(bytes, at)
    ;[, at] = text(bytes, at)
    const kind = bytes[at++]
    if (kind === 0) {
      functions++
      ;[, at] = leb(bytes, at)
    } else if (kind === 3) {
      at += 2
    } else {
      // A table says what it holds before its limits, a memory has limits alone.
      if (kind === 1) at++
      const flags = bytes[at++]
      ;[, at] = leb(bytes, at)
      if (flags & 1) [, at] = leb(bytes, at)
    }
  }
  return functions
}

/** The custom section `name`, its part 1: function index -> name. */
function namesOf(bytes, sections) {
  const names = new Map()
  for (const section of sections.filter(({ id }) => id === 0)) {
    let [label, at] = text(bytes, section.start)
    if (label !== 'name') continue
    while (at < section.end) {
      const part = bytes[at]
      const [size, start] = leb(bytes, at + 1)
      if (part === 1) {
        let [count, entry] = leb(bytes, start)
        while (count-- > 0) {
          let index, name
          ;[index, entry] = leb(bytes, entry)
          ;[name, entry] = text(bytes, entry)
          names.set(index, name)
        }
      }
      at = start + size
    }
  }
  return names
}
