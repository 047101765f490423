import type { CancelOptions } from './types'

/** The rejection of a fetch that was cancelled. */
export class CancelledError extends Error {
  /** The query went back to the state before the fetch. */
  revert?: boolean | undefined
  /** Not reported as an error: a new fetch takes the place of this one. */
  silent?: boolean | undefined

  constructor(options?: CancelOptions) {
    // TanStack's text: applications compare messages, not only classes.
    super('CancelledError')
    this.revert = options?.revert
    this.silent = options?.silent
  }
}

/** @deprecated use `error instanceof CancelledError` */
export function isCancelledError(value: unknown): value is CancelledError {
  return value instanceof CancelledError
}
