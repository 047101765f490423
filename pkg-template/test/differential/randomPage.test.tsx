import { describe, it } from 'vitest'
import { expectSameLogs, seeds } from './randomLog'
import { byComponent, playPage } from './randomPage'

const range = seeds(60)

describe('random pages', () => {
  it(`of seeds ${range.join(' to ')} show the same as with TanStack Query`, { timeout: 600_000 }, () =>
    expectSameLogs(range, (seed) => (world) => playPage(world, seed, 25), byComponent),
  )
})
