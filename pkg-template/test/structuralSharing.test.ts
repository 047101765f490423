// @vitest-environment node
import { replaceEqualDeep as tanstack } from '@tanstack/react-query'
import { describe, expect, it } from 'vitest'
import { replaceEqualDeep } from '../src/core/structuralSharing'

/** Which parts of a result are the old value's, which the new value's, and which were made: what sharing is about. */
function provenance(result: unknown, a: unknown, b: unknown, path = ''): string[] {
  if (typeof result !== 'object' || result === null) return [`${path}:${String(result)}`]
  const find = (root: unknown): boolean =>
    root === result ||
    (typeof root === 'object' && root !== null && Object.values(root as object).some((child) => find(child)))
  if (find(a)) return [`${path}:old`]
  if (find(b)) return [`${path}:new`]
  return [
    `${path}:made ${Array.isArray(result) ? `array ${result.length}` : `object ${Object.keys(result).join()}`}`,
    ...Object.entries(result).flatMap(([key, child]) => provenance(child, a, b, `${path}/${key}`)),
  ]
}

class Point {
  constructor(public x: number) {}
}

const sparse = [1, 2, 3]
delete sparse[1]
const withColumns = Object.assign([{ a: 1 }], { columns: ['a'] })
const date = new Date(0)
const bare = (fields: object) => Object.assign(Object.create(null) as object, fields)

/** Pairs where a naive comparison goes wrong, each with what it is about. */
const pairs: Array<[string, unknown, unknown]> = [
  ['equal primitives', 1, 1],
  ['NaN is never equal', { n: NaN }, { n: NaN }],
  ['null and object', null, {}],
  ['undefined and array', undefined, []],
  ['array and object', [], {}],
  ['equal deep', { a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }],
  ['one leaf differs', { a: [1, { b: 2 }], c: { d: 1 } }, { a: [1, { b: 3 }], c: { d: 1 } }],
  ['the first of several differs', [{ a: 0 }, { b: 1 }, { c: 2 }], [{ a: 9 }, { b: 1 }, { c: 2 }]],
  ['an element more', [{ a: 1 }], [{ a: 1 }, { b: 1 }]],
  ['an element less', [{ a: 1 }, { b: 1 }], [{ a: 1 }]],
  ['only the length differs, with undefined', [1], [1, undefined]],
  ['emptied array', [1, 2], []],
  ['a member more', { a: { x: 1 } }, { a: { x: 1 }, b: 1 }],
  ['a member less', { a: { x: 1 }, b: 1 }, { a: { x: 1 } }],
  ['a member undefined against a missing one', { a: 1 }, { a: 1, b: undefined }],
  ['a missing member against undefined', { a: 1, b: undefined }, { a: 1 }],
  ['an undefined member renamed', { a: undefined }, { b: undefined }],
  ['members in another order', { a: 1, b: { c: 2 } }, { b: { c: 2 }, a: 1 }],
  ['members in another order, one changed', { a: 1, b: { c: 2 } }, { b: { c: 2 }, a: 2 }],
  ['same date', { at: date, x: 1 }, { at: date, x: 1 }],
  ['equal dates', { at: new Date(0) }, { at: new Date(0) }],
  ['class instances', { p: new Point(1) }, { p: new Point(1) }],
  ['maps', new Map([[1, 2]]), new Map([[1, 2]])],
  ['sparse arrays', { s: sparse }, { s: [...sparse] }],
  ['two sparse arrays', sparse, sparse.slice()],
  ['arrays with named properties', withColumns, Object.assign([{ a: 1 }], { columns: ['a'] })],
  ['an array that lost its named properties', withColumns, [{ a: 1 }]],
  ['objects without prototype', bare({ a: 1 }), bare({ a: 1 })],
  ['object without prototype against a literal', { x: bare({ a: 1 }) }, { x: { a: 1 } }],
  ['a member called constructor', { constructor: 'Ferrari', a: [1] }, { constructor: 'Ferrari', a: [1] }],
  ['functions', { f: () => 1 }, { f: () => 1 }],
  [
    'matrix',
    [
      [1, 2],
      [3, 4],
    ],
    [
      [1, 2],
      [3, 5],
    ],
  ],
]

describe('replaceEqualDeep', () => {
  it.each(pairs)('shares exactly what TanStack shares: %s', (_, a, b) => {
    const expected = tanstack(a, b)
    const result = replaceEqualDeep(a, b)
    expect(result).toStrictEqual(expected)
    expect(provenance(result, a, b)).toEqual(provenance(expected, a, b))
  })

  it('shares exactly what TanStack shares in 2000 random trees', () => {
    let seed = 7
    const random = (below: number) => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) % below
    const tree = (depth: number): unknown => {
      const kind = depth === 0 ? random(4) : random(7)
      if (kind < 2) return random(3)
      if (kind === 2) return undefined
      if (kind === 3) return null
      if (kind === 4) return Array.from({ length: random(4) }, () => tree(depth - 1))
      return Object.fromEntries(['a', 'b', 'c', 'd'].slice(random(2), random(5)).map((key) => [key, tree(depth - 1)]))
    }
    for (let i = 0; i < 2000; i++) {
      const a = tree(4)
      const b = random(3) === 0 ? structuredClone(a) : tree(4)
      const expected = tanstack(a, b)
      const result = replaceEqualDeep(a, b)
      expect(result).toStrictEqual(expected)
      expect(provenance(result, a, b)).toEqual(provenance(expected, a, b))
    }
  })

  it('gives up below 500 levels, so that it ends on any input', () => {
    const deep = () => {
      let value: unknown = { leaf: true }
      for (let i = 0; i < 600; i++) value = { value }
      return value
    }
    const [a, b] = [deep(), deep()]
    expect(replaceEqualDeep(a, b)).not.toBe(a)
    expect(replaceEqualDeep(a, b)).toStrictEqual(b)
  })

  it('still notices a change in a payload it has found unchanged before', () => {
    const a = [[1, 2], Object.assign([3], { named: true })]
    const old = [[1, 2], [3]]
    expect(replaceEqualDeep(old, [[1, 2], [3]])).toBe(old)
    expect(replaceEqualDeep(old, a)).toStrictEqual(tanstack(old, a))
    expect(replaceEqualDeep(old, [[1, 2], [4]])).toEqual([[1, 2], [4]])
  })

  it('never changes its arguments', () => {
    const freeze = <T>(value: T): T => {
      if (typeof value === 'object' && value !== null) Object.values(value).forEach(freeze)
      return Object.freeze(value)
    }
    const a = freeze({ rows: [{ id: 1 }, { id: 2 }] })
    const b = freeze({ rows: [{ id: 1 }, { id: 3 }] })
    expect(replaceEqualDeep(a, b)).toEqual({ rows: [{ id: 1 }, { id: 3 }] })
  })
})
