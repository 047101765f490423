import { expect } from 'vitest'
import { record, type Play } from './harness'
import { reference, subject } from './libraries'
import { LONGEST_DELAY } from './randomChoices'

/**
 * The log with the lines of one millisecond in the order of what they are about. Which of two queries is told first
 * when the network comes back is not compared here; what each query, observer and function sees, and in which order,
 * is. That a result was updated is in the result; its event also tells of observers that left; and TanStack tells
 * of a removed query that it is removed when its gc time is over, if another has taken its key. Of several results in one
 * millisecond the last counts: which of two timers fires first is chance.
 */
export function bySubject(lines: string[]): string[] {
  const subjectOf = (line: string): string =>
    /^\d+ (?:event \w+ (\S+)|(observer\d+|mutation\d+|mutation event| {2}aborted|queryFn (?:undefined|\[.*\])))/.exec(line)?.slice(1).join('') ?? ''
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
export function hasZombie(lines: string[]): boolean {
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

/** The seeds that the environment names (`SAMEKEY_SEEDS=0-4999`), or the first so many. */
export function seeds(count: number): [first: number, last: number] {
  return (process.env['SAMEKEY_SEEDS'] ?? `1-${count}`).split('-').map(Number) as [number, number]
}

/** Plays the stories of these seeds on both libraries, and holds that the logs are the same, read in this way. */
export async function expectSameLogs([first, last]: [first: number, last: number], storyOf: (seed: number) => Play, read = bySubject): Promise<void> {
  let zombies = 0
  for (let seed = first; seed <= last; seed++) {
    const story = storyOf(seed)
    const told = await record(reference, story)
    if (hasZombie(told)) {
      zombies++
      continue
    }
    const expected = read(told)
    const actual = read(await record(subject, story))
    const different = actual.findIndex((line, index) => line !== expected[index])
    // Everything up to the first difference, which is what one wants to read.
    const from = Math.max(0, different - 12)
    const until = different === -1 ? 0 : different + 6
    expect(actual.slice(from, until), `seed ${seed}`).toEqual(expected.slice(from, until))
    expect(actual.length, `seed ${seed}`).toBe(expected.length)
  }
  expect(zombies / (last - first + 1)).toBeLessThan(0.1)
}
