// @vitest-environment node
import { hashKey as tanstack } from '@tanstack/react-query'
import { describe, expect, it } from 'vitest'
import { hashKey } from '../src/core/hashKey'

const shared = { z: 1, a: 2 }

const keys: unknown[][] = [
  [],
  ['exec', 'ws123', '7d'],
  ['a', 1, true, null],
  ['a', undefined],
  ['a', null],
  [NaN, Infinity, -0],
  ['"quoted"', 'line\nbreak', '\u2028', '\ud800'],
  [['nested', ['deeper']]],
  [{ a: 1, b: 2 }],
  [{ b: 2, a: 1 }],
  [{ b: undefined, a: 1 }],
  [{ a: { d: 1, c: 2 }, b: [{ y: 1, x: 2 }] }],
  [{ 10: 'x', 9: 'y', b: 1, a: 2 }],
  [{ 2: 'x', 10: 'y' }],
  [{ '': 1, ' ': 2 }],
  [{ Z: 1, a: 2 }],
  [{ é: 1, z: 2 }],
  [shared, shared],
  [new Date(0)],
  [{ at: new Date(0), a: 1 }],
  [new Map([[1, 2]]), new Set([1])],
  [
    new (class Filter {
      z = 1
      a = { d: 1, c: 2 }
    })(),
  ],
  [{ toJSON: () => ({ b: 1, a: 2 }) }],
  [
    new (class Money {
      toJSON() {
        return { b: 1, a: 2 }
      }
    })(),
  ],
  [Object.assign(Object.create(null), { b: 1, a: 2 })],
  [{ constructor: 'Ferrari', a: 1 }],
  [() => 1, Symbol('s')],
]

describe('hashKey', () => {
  it.each(keys.map((key) => [tanstack(key), key] as const))('writes %s as TanStack does', (expected, key) => {
    expect(hashKey(key)).toBe(expected)
  })

  it('gives one identity to objects that differ in the order of their members', () => {
    expect(hashKey([{ page: 1, status: 'open' }])).toBe(hashKey([{ status: 'open', page: 1 }]))
  })

  it('throws on a BigInt and on a cycle, as JSON does', () => {
    const cycle: unknown[] = []
    cycle.push({ cycle })
    expect(() => hashKey([1n])).toThrow(TypeError)
    expect(() => hashKey(cycle)).toThrow()
  })
})
