import { EnvironmentSource, type SetupFn } from './environmentSource'

type FocusReport = (focused?: boolean) => void

const listenToVisibility: SetupFn<FocusReport> = (report) => {
  // React Native has a `window` without events.
  if (typeof window === 'undefined' || !window.addEventListener) return undefined
  const listener = () => report()
  window.addEventListener('visibilitychange', listener, false)
  return () => window.removeEventListener('visibilitychange', listener)
}

/** Knows whether the page is looked at, and tells who wants to know. */
export class FocusManager extends EnvironmentSource<FocusReport> {
  #focused: boolean | undefined

  protected readonly report: FocusReport = (focused) => {
    if (typeof focused === 'boolean') {
      this.setFocused(focused)
    } else {
      this.onFocus()
    }
  }

  constructor() {
    super(listenToVisibility)
  }

  /** Overrides what the document says; `undefined` hands it back to the document. */
  setFocused(focused?: boolean): void {
    if (this.#focused === focused) return
    this.#focused = focused
    this.onFocus()
  }

  /** Tells the listeners the current state, changed or not. */
  onFocus(): void {
    this.tell(this.isFocused())
  }

  isFocused(): boolean {
    if (typeof this.#focused === 'boolean') return this.#focused
    // Asked each time, never remembered: tests and embedders change it without an event.
    return globalThis.document?.visibilityState !== 'hidden'
  }
}

/** The one every client uses. */
export const focusManager = new FocusManager()
