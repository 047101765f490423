/** As `placeholderData`: go on showing the last query's data until the new one's arrives. */
export function keepPreviousData<T>(previousData: T | undefined): T | undefined {
  return previousData
}
