/**
 * A rejected promise, whatever the reason: users throw what they like, and it is passed on untouched. Nobody handling
 * it, it is reported as an unhandled rejection.
 */
export function rejected(reason: unknown): Promise<never> {
  // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
  return Promise.reject(reason)
}
