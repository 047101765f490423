const isDeno = 'Deno' in globalThis
/** Whether this is a server: nothing is collected, polled or retried there unless asked for. */
let isServer = (): boolean => typeof window === 'undefined' || isDeno

/** Knows whether the code runs on a server; asked at each use, since tests and edge hosts replace the answer. */
export const environmentManager = {
  isServer(): boolean {
    return isServer()
  },
  /** Replaces how the question is answered. */
  setIsServer(answer: () => boolean): void {
    isServer = answer
  },
}
