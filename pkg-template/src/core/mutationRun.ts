import { FailureCode } from '../border/wire'
import { deferred, type Deferred } from './deferred'
import { rejected } from './rejected'
import type { MutationOptions } from './types'

/** One call of `execute`: its attempts, and what they end in. */
export class MutationRun<TData> {
  readonly outcome: Deferred<TData> = deferred()
  readonly #attempt: () => TData | Promise<TData>
  /** Whether and when to try again: what the options said when it began. */
  readonly retries: Pick<MutationOptions, 'retry' | 'retryDelay'>

  constructor(attempt: () => TData | Promise<TData>, retries: object) {
    this.#attempt = attempt
    this.retries = retries
  }

  /** Tries once. `failed` tells the engine, and what follows. */
  start(failed: (error: unknown) => FailureCode): void {
    const { resolve, reject } = this.outcome
    let attempt: Promise<TData>
    try {
      attempt = Promise.resolve(this.#attempt())
    } catch (error) {
      attempt = rejected(error)
    }
    attempt
      .then(resolve)
      .catch((error: unknown) => {
        if (failed(error) !== FailureCode.Retrying) reject(error)
      })
      // What the user's `retry` or `retryDelay` threw; else it would go on for ever.
      .catch(reject)
  }
}
