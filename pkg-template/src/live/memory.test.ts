import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Memory } from './memory'

let memory: Memory

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000 })
  memory = new Memory()
})
afterEach(() => vi.useRealTimers())

/** Hears this id at that time. */
function hears(id: string, at: number) {
  vi.setSystemTime(at)
  memory.add({ id, event: 'invalidate', data: '' })
}

const ids = (last: string | undefined, since = 0) => memory.missed(last, since)?.map(({ id }) => id)

it('knows nothing before it begins', () => {
  expect(ids('1')).toBeUndefined()
  expect(ids(undefined, 5_000)).toBeUndefined()
})

it('tells what came behind a place that it has seen, and nothing for one that it has not', () => {
  memory.begin(1_000)
  for (const id of ['1', '2', '3']) hears(id, 1_000)
  expect([ids('1'), ids('3'), ids('9')]).toEqual([['2', '3'], [], undefined])
})

it('tells what came behind the last of two visits to a place', () => {
  memory.begin(1_000)
  for (const id of ['1', '2', '1', '2', '3']) hears(id, 1_000)
  expect(ids('1')).toEqual(['2', '3'])
})

it('tells who has no place what was heard since a time, if it reaches back so far', () => {
  memory.begin(1_000)
  hears('1', 1_500)
  hears('2', 2_000)
  expect([ids(undefined, 1_000), ids(undefined, 1_501), ids(undefined, 999)]).toEqual([['1', '2'], ['2'], undefined])
})

it('forgets the oldest of more than a thousand, and then reaches back less far', () => {
  memory.begin(0)
  for (let i = 1; i <= 1_001; i++) hears(String(i), 1_000 + i)
  expect([ids('1'), ids('2')?.length]).toEqual([undefined, 999])
  expect([ids(undefined, 1_001), ids(undefined, 1_002)?.length]).toEqual([undefined, 1_000])
})

it('begins anew without a memory of before', () => {
  memory.begin(0)
  hears('1', 1_000)
  memory.begin(2_000)
  expect([ids('1'), ids(undefined, 1_999), ids(undefined, 2_000)]).toEqual([undefined, undefined, []])
})
