import { Subscribable } from './subscribable'

/** Begins to listen to the environment; returns how to stop. `report` may be called at any time in between. */
export type SetupFn<TReport> = (report: TReport) => (() => void) | undefined

/**
 * What focus and online have in common: an environment listener that exists only while somebody subscribes, and
 * that an application may replace.
 */
export abstract class EnvironmentSource<TReport> extends Subscribable<(value: boolean) => void> {
  #setup: SetupFn<TReport>
  #cleanup: (() => void) | undefined

  constructor(setup: SetupFn<TReport>) {
    super()
    this.#setup = setup
  }

  /** What a replaced or default environment listener calls. */
  protected abstract readonly report: TReport

  /** Replaces the environment listener, now and for later subscriptions. */
  setEventListener(setup: SetupFn<TReport>): void {
    this.#setup = setup
    this.#cleanup?.()
    this.#cleanup = setup(this.report)
  }

  protected override onSubscribe(): void {
    if (!this.#cleanup) this.setEventListener(this.#setup)
  }

  protected override onUnsubscribe(): void {
    if (!this.hasListeners()) {
      this.#cleanup?.()
      this.#cleanup = undefined
    }
  }

  protected tell(value: boolean): void {
    this.listeners.forEach((listener) => {
      listener(value)
    })
  }
}
