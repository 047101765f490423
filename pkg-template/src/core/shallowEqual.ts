/** Whether two objects have the same keys with identical (`===`) values. */
export function shallowEqualObjects<T extends object>(a: T, b: T | undefined): boolean {
  if (a === b) return true
  if (!b) return false
  let count = 0
  for (const key in a) {
    if (a[key] !== b[key]) return false
    count++
  }
  for (const _ in b) count--
  return count === 0
}
