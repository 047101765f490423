/** Timing that holds on a noisy machine: many short rounds, the two sides in turn, medians. */

/** The median of some numbers. */
export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/**
 * Times `run(i)` on each side, in turn, and gives the median nanoseconds of one call. A round makes so many calls
 * that it lasts about `atLeast` milliseconds, at most `limit`; how many is found out first. (A browser's clock is
 * coarse, and looking at it costs more than a fast call.) `restore(count)` then puts things back, untimed.
 */
export async function compare(sides, { rounds = 15, atLeast = 8, limit = Infinity } = {}) {
  const counts = sides.map(() => 1)
  const samples = sides.map(() => [])
  const round = async (index) => {
    const { run, restore } = sides[index]
    const count = counts[index]
    const promises = []
    const begin = performance.now()
    for (let i = 0; i < count; i++) {
      const promise = run(i)
      if (promise !== undefined) promises.push(promise)
    }
    if (promises.length > 0) await Promise.all(promises)
    const elapsed = performance.now() - begin
    restore?.(count)
    await new Promise((resolve) => setTimeout(resolve, 0))
    return elapsed
  }
  for (const index of sides.keys()) {
    // Also warms the compiler up.
    for (let elapsed = 0; elapsed < atLeast && counts[index] < limit; ) {
      elapsed = await round(index)
      if (elapsed < atLeast) counts[index] = Math.min(limit, counts[index] * 2)
    }
  }
  for (let i = -2; i < rounds; i++) {
    for (const index of sides.keys()) {
      const elapsed = await round(index)
      if (i >= 0) samples[index].push((elapsed / counts[index]) * 1e6)
    }
  }
  return samples.map(median)
}
