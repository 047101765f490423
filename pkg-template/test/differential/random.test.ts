import { describe, it } from 'vitest'
import { expectSameLogs, seeds } from './randomLog'
import { play } from './randomStory'

const range = seeds(300)

describe('random stories', () => {
  it(`of seeds ${range.join(' to ')} have the same log as on TanStack Query`, { timeout: 600_000 }, () =>
    expectSameLogs(range, (seed) => (world) => play(world, seed, 30)),
  )
})
