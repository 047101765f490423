/**
 * Something with listeners. The first one may start work and the last one stop it: subclasses override
 * `onSubscribe` and `onUnsubscribe` and look at `listeners`.
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- listeners take whatever the subclass gives them
export class Subscribable<TListener extends (...args: any[]) => unknown> {
  protected listeners = new Set<TListener>()

  constructor() {
    this.subscribe = this.subscribe.bind(this)
  }

  /** Adds a listener and returns the function that takes it away. One function is one listener, however often added. */
  subscribe(listener: TListener): () => void {
    this.listeners.add(listener)
    this.onSubscribe()
    return () => {
      this.listeners.delete(listener)
      this.onUnsubscribe()
    }
  }

  /** Whether anybody listens. */
  hasListeners(): boolean {
    return this.listeners.size > 0
  }

  protected onSubscribe(): void {}

  protected onUnsubscribe(): void {}
}
