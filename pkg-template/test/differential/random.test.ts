/* eslint-disable @typescript-eslint/no-explicit-any -- observers of every type */
import type { QueryObserver } from '@tanstack/react-query'
import { describe, expect, it } from 'vitest'
import { record, type World } from './harness'
import { reference, subject } from './libraries'

/** A small generator of one's own: the same seed tells the same story on every machine. */
function randomness(seed: number) {
  let state = seed * 2_654_435_761 + 1
  const below = (limit: number): number => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 3_266_489_917) >>> 0
    return (state >>> 8) % limit
  }
  return {
    below,
    pick: <T>(items: readonly T[]): T => items[below(items.length)] as T,
    chance: (of: number) => below(of) === 0,
  }
}

/** Milliseconds between attempts, at most. */
const LONGEST_DELAY = 100

const KEYS = [['a'], ['a', 1], ['b', { x: 1, y: 2 }]] as const

interface Watched {
  observer: QueryObserver<any, any, any, any, any>
  stop: () => void
  name: string
}

/** Does `steps` random things, each logged, with observers of three queries whose functions sometimes fail. */
async function play(w: World, seed: number, steps: number): Promise<void> {
  const { below, pick, chance } = randomness(seed)
  const watched: Watched[] = []
  let names = 0

  // One of each per key: which of two queries is served first must not decide what they get.
  const failing = KEYS.map(() =>
    w.fn((call) => {
      if (call % 5 === 2 || call % 7 === 3) throw new Error(`failure${call}`)
      return call % 3 === 0 ? { same: true } : { call }
    }, 10),
  )
  const cancellable = KEYS.map(() => {
    const fn = w.fn((call) => `cancellable${call}`, 15)
    // Read at once: TanStack takes a read by a fetch that was replaced for one by the fetch that replaced it.
    return (context: { signal: AbortSignal }) => {
      w.show('  aborted', context.signal.aborted)
      return fn(context as never)
    }
  })

  const source = () => {
    const key = below(KEYS.length)
    return { queryKey: KEYS[key] as readonly unknown[], queryFn: (chance(4) ? cancellable : failing)[key] }
  }
  const options = () => ({
    ...source(),
    retryDelay: pick([5, 20, LONGEST_DELAY]),
    ...(chance(2) ? { retry: pick([false, 0, 1, 2] as const) } : {}),
    ...(chance(2) ? { staleTime: pick([0, 8, 33, 97, Infinity]) } : {}),
    ...(chance(4) ? { gcTime: pick([0, 20, 50, 200]) } : {}),
    ...(chance(4) ? { enabled: chance(2) } : {}),
    ...(chance(5) ? { networkMode: pick(['online', 'always', 'offlineFirst'] as const) } : {}),
    ...(chance(4) ? { refetchOnMount: pick([true, false, 'always'] as const) } : {}),
    ...(chance(4) ? { refetchOnWindowFocus: pick([true, false, 'always'] as const) } : {}),
    ...(chance(4) ? { refetchOnReconnect: pick([true, false, 'always'] as const) } : {}),
    ...(chance(5) ? { retryOnMount: chance(2) } : {}),
    ...(chance(6) ? { placeholderData: pick([w.lib.keepPreviousData, 'placeholder']) } : {}),
    ...(chance(6) ? { initialData: 'initial' } : {}),
    ...(chance(6) ? { select: (data: unknown) => ({ selected: data }) } : {}),
    ...(chance(6) ? { notifyOnChangeProps: pick([['data'], ['isFetching', 'error'], 'all'] as const) } : {}),
    ...(chance(9) ? { structuralSharing: false } : {}),
  })
  const filters = () => ({
    ...(chance(3) ? {} : { queryKey: pick(KEYS) }),
    ...(chance(3) ? { exact: true } : {}),
    ...(chance(4) ? { type: pick(['all', 'active', 'inactive'] as const) } : {}),
    ...(chance(6) ? { stale: chance(2) } : {}),
  })

  /**
   * How promises end is not compared here: whoever joins a fetch that is cancelled for another one is rejected by
   * TanStack Query, and served by that other one by samekey (docs/differences.md).
   */
  const ignore = (promise: Promise<unknown>) => void promise.catch(() => {})

  const moves: Array<[weight: number, move: () => void | Promise<void>]> = [
    [
      5,
      () => {
        if (watched.length > 5) return
        const name = `observer${names++}`
        watched.push({ ...w.watch(options() as never, name), name })
      },
    ],
    [
      3,
      () => {
        const [leaving] = watched.splice(below(watched.length || 1), 1)
        if (!leaving) return
        w.log(`-- ${leaving.name} stops`)
        leaving.stop()
      },
    ],
    [
      3,
      () => {
        if (watched.length === 0) return
        const { observer, name } = pick(watched)
        w.log(`-- ${name} has other options`)
        observer.setOptions(options() as never)
      },
    ],
    [
      2,
      () => {
        if (watched.length === 0) return
        const { observer, name } = pick(watched)
        w.log(`-- ${name} refetches`)
        ignore(observer.refetch({ cancelRefetch: chance(2) }))
      },
    ],
    [8, () => w.advance(pick([0, 1, 4, 5, 6, 10, 15, 20, 50, 120]))],
    [
      2,
      () => {
        const key = pick(KEYS)
        w.log(`-- set ${JSON.stringify(key)}`)
        w.client.setQueryData(key, { set: below(3) }, chance(3) ? { updatedAt: Date.now() - 50 } : {})
      },
    ],
    [
      2,
      () => {
        w.log('-- invalidate')
        const chosen = { ...filters(), ...(chance(4) ? { refetchType: 'all' as const } : {}) }
        ignore(w.client.invalidateQueries(chosen))
      },
    ],
    [
      1,
      () => {
        w.log('-- refetchQueries')
        ignore(w.client.refetchQueries(filters(), { cancelRefetch: chance(2) }))
      },
    ],
    [
      1,
      () => {
        w.log('-- cancel')
        // Not without `revert`: TanStack tells that error a task later, even over a fetch begun meanwhile.
        ignore(w.client.cancelQueries(filters()))
      },
    ],
    [
      1,
      () => {
        w.log('-- reset')
        // Watched ones only: TanStack never collects an unwatched query that was reset.
        ignore(w.client.resetQueries({ ...filters(), type: 'active' }))
      },
    ],
    [
      1,
      () => {
        w.log('-- remove')
        w.client.removeQueries(filters())
      },
    ],
    [
      1,
      () => {
        w.log('-- fetchQuery')
        const { queryKey, queryFn, staleTime } = options()
        const asked = { queryKey, queryFn, ...(staleTime === undefined ? {} : { staleTime }) }
        ignore(w.client.fetchQuery(asked as never))
      },
    ],
    [
      1,
      () => {
        w.log('-- focus')
        w.lib.focusManager.setFocused(!w.lib.focusManager.isFocused())
      },
    ],
    [
      1,
      () => {
        w.log('-- network')
        w.lib.onlineManager.setOnline(!w.lib.onlineManager.isOnline())
      },
    ],
  ]
  const bag = moves.flatMap(([weight, move]) => Array.from({ length: weight }, () => move))
  for (let step = 0; step < steps; step++) {
    const done = pick(bag)()
    if (done) await done
    // Several things may happen in one task. What is pending settles before the states are compared: how many
    // microtasks a promise takes is nobody's business.
    if (chance(2)) continue
    await w.advance(0)
    for (const key of KEYS) w.show(`  ${JSON.stringify(key)}`, w.client.getQueryState(key))
  }
  w.lib.focusManager.setFocused(true)
  w.lib.onlineManager.setOnline(true)
  await w.advance(1000)
}

/**
 * The log with the lines of one millisecond in the order of what they are about. Which of two queries is told first
 * when the network comes back is not compared here; what each query, observer and function sees, and in which order,
 * is. That a result was updated is in the result; its event also tells of observers that left; and TanStack tells
 * of a removed query that it is removed when its gc time is over, if another has taken its key. Of several results in one
 * millisecond the last counts: which of two timers fires first is chance.
 */
function bySubject(lines: string[]): string[] {
  const subjectOf = (line: string): string =>
    /^\d+ (?:event \w+ (\S+)|(observer\d+|queryFn \[.*\]))/.exec(line)?.slice(1).join('') ?? ''
  return lines
    .filter((line) => !/event (observerResultsUpdated|removed)/.test(line))
    .map((line) => ({ line, time: Number.parseInt(line), subject: subjectOf(line) }))
    .sort((a, b) => a.time - b.time || (a.subject < b.subject ? -1 : a.subject > b.subject ? 1 : 0))
    .map(({ line }) => line)
    .filter((line, index, all) => about(line) === '' || about(line) !== about(all[index + 1] ?? ''))
}

/** The time and observer of a result's line. */
function about(line: string): string {
  return /^\d+ observer\d+ result/.exec(line)?.[0] ?? ''
}

/**
 * Whether a cancelled fetch of TanStack Query came back: one that waited for a retry when it was cancelled wakes all
 * the same, and pauses a query that does not fetch, or that another fetch serves (docs/differences.md).
 */
function hasZombie(lines: string[]): boolean {
  const queries = new Map<string, { last: string; lastAt: number; abandonedAt: number }>()
  for (const line of lines) {
    const [, time, event, hash, action] = /^(\d+) event (updated|removed) (\S+)(.*)$/.exec(line) ?? []
    if (!time || !event || !hash || action === undefined) continue
    const at = Number(time)
    const query = queries.get(hash) ?? { last: '', lastAt: 0, abandonedAt: -Infinity }
    queries.set(hash, query)
    const type = event === 'removed' ? event : (/type: '(\w+)'/.exec(action)?.[1] ?? '')
    if (type === 'invalidate' || action.includes('manual: true')) continue
    if (query.last === 'failed' && ['fetch', 'setState', 'removed'].includes(type)) query.abandonedAt = at
    const begun = query.last === 'failed' || (query.last === 'fetch' && query.lastAt === at)
    if (type === 'pause' && (!begun || at - query.abandonedAt <= LONGEST_DELAY)) return true
    query.last = type
    query.lastAt = at
  }
  return false
}

// `SAMEKEY_SEEDS=0-4999` looks further than the suite does.
const [first, last] = (process.env['SAMEKEY_SEEDS'] ?? '1-150').split('-').map(Number) as [number, number]

describe('random stories', () => {
  it(`from seeds ${first} to ${last} have the same log as on TanStack Query`, { timeout: 600_000 }, async () => {
    let zombies = 0
    for (let seed = first; seed <= last; seed++) {
      const story = (world: World) => play(world, seed, 30)
      const told = await record(reference, story)
      if (hasZombie(told)) {
        zombies++
        continue
      }
      const expected = bySubject(told)
      const actual = bySubject(await record(subject, story))
      const different = actual.findIndex((line, index) => line !== expected[index])
      // Everything up to the first difference, which is what one wants to read.
      const from = Math.max(0, different - 12)
      const until = different === -1 ? 0 : different + 6
      expect(actual.slice(from, until), `seed ${seed}`).toEqual(expected.slice(from, until))
      expect(actual.length, `seed ${seed}`).toBe(expected.length)
    }
    expect(zombies / (last - first + 1)).toBeLessThan(0.1)
  })
})
