/** Timing that holds on a noisy machine: many short rounds, the two sides in turn, medians. */

/** The median of some numbers. */
export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/**
 * Times `run(i)` on each side, in turn, and gives the median nanoseconds of one call. A round lasts until `atLeast`
 * milliseconds have passed or `limit` calls were made (a browser's clock is coarse, so single calls cannot be timed);
 * `restore(count)` then puts things back, untimed.
 */
export async function compare(sides, { rounds = 15, atLeast = 5, limit = Infinity } = {}) {
  const samples = sides.map(() => [])
  for (let round = -2; round < rounds; round++) {
    for (const [index, { run, restore }] of sides.entries()) {
      const calls = []
      let count = 0
      const begin = performance.now()
      let end = begin
      do {
        const result = run(count++)
        if (result) calls.push(result)
        // Looking at the clock costs as much as a fast call.
        if (count % 16 === 0 || count < 4 || limit < 1000) end = performance.now()
      } while (end - begin < atLeast && count < limit)
      await Promise.all(calls)
      end = performance.now()
      restore?.(count)
      // The first rounds warm the compiler up.
      if (round >= 0) samples[index].push(((end - begin) / count) * 1e6)
      await new Promise((resolve) => setTimeout(resolve, 0))
    }
  }
  return samples.map(median)
}
