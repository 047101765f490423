import { EnvironmentSource, type SetupFn } from './environmentSource'

type OnlineReport = (online: boolean) => void

const listenToNetwork: SetupFn<OnlineReport> = (report) => {
  // React Native has a `window` without events.
  if (typeof window === 'undefined' || !window.addEventListener) return undefined
  const onOnline = () => report(true)
  const onOffline = () => report(false)
  window.addEventListener('online', onOnline, false)
  window.addEventListener('offline', onOffline, false)
  return () => {
    window.removeEventListener('online', onOnline)
    window.removeEventListener('offline', onOffline)
  }
}

/**
 * Knows whether there is a network, and tells who wants to know. It begins online and trusts events alone:
 * `navigator.onLine` says "offline" on machines that are not.
 */
export class OnlineManager extends EnvironmentSource<OnlineReport> {
  #online = true

  protected readonly report: OnlineReport = (online) => this.setOnline(online)

  constructor() {
    super(listenToNetwork)
  }

  /** Changes the state and tells the listeners, if it is a change. */
  setOnline(online: boolean): void {
    if (this.#online === online) return
    this.#online = online
    this.tell(online)
  }

  isOnline(): boolean {
    return this.#online
  }
}

/** The one every client uses. */
export const onlineManager = new OnlineManager()
