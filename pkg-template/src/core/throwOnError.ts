/** Whether `throwOnError` says to throw: itself, or what its function answers. */
export function shouldThrowError<T extends (...args: never[]) => boolean>(
  throwOnError: boolean | T | undefined,
  params: Parameters<T>,
): boolean {
  return typeof throwOnError === 'function' ? throwOnError(...params) : !!throwOnError
}
