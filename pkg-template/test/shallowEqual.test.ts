// @vitest-environment node
import { describe, expect, it } from 'vitest'
import { shallowEqualObjects } from '../src/core/shallowEqual'

describe('shallowEqualObjects', () => {
  it('is true for the same members with identical values', () => {
    const inner = {}
    expect(shallowEqualObjects({ a: 1, inner }, { a: 1, inner })).toBe(true)
    expect(shallowEqualObjects({}, {})).toBe(true)
  })

  it('is false when a member differs, is missing or is one more', () => {
    expect(shallowEqualObjects<object>({ a: 1 }, { a: 2 })).toBe(false)
    expect(shallowEqualObjects<object>({ a: 1, b: 1 }, { a: 1 })).toBe(false)
    expect(shallowEqualObjects<object>({ a: 1 }, { a: 1, b: 1 })).toBe(false)
    expect(shallowEqualObjects({ a: {} }, { a: {} })).toBe(false)
  })

  it('is false against nothing', () => {
    expect(shallowEqualObjects({}, undefined)).toBe(false)
  })
})
