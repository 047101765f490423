/**
 * The browser's locks for hosts that have none (Node before 24): exclusive ones, in the order and with the rules of the Web
 * Locks specification, as far as `src/live` uses them. Node's own are used where they are.
 */
interface Request {
  name: string
  grant: () => void
}

interface Held {
  name: string
  break: () => void
}

class Locks {
  #held: Held[] = []
  #queue: Request[] = []

  request(name: string, { signal, steal }: LockOptions, callback: () => unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error)
      const grant = () => {
        const lock: Held = { name, break: () => reject(new DOMException('The lock was stolen', 'AbortError')) }
        this.#held.push(lock)
        // As a task of its own: a callback never runs within `request`.
        setTimeout(() => {
          const done = (settle: () => void) => {
            this.#held = this.#held.filter((held) => held !== lock)
            settle()
            this.#next(name)
          }
          Promise.resolve(callback()).then(
            (value) => done(() => resolve(value)),
            (error: unknown) => done(() => reject(error as Error)),
          )
        }, 0)
      }
      if (steal) {
        this.#held.filter((held) => held.name === name).forEach((held) => held.break())
        this.#held = this.#held.filter((held) => held.name !== name)
        return grant()
      }
      const request: Request = { name, grant }
      signal?.addEventListener('abort', () => {
        if (!this.#queue.includes(request)) return
        this.#queue = this.#queue.filter((queued) => queued !== request)
        reject(signal.reason as Error)
      })
      this.#queue.push(request)
      this.#next(name)
    })
  }

  query(): Promise<{ held: Array<{ name: string }>; pending: Array<{ name: string }> }> {
    return Promise.resolve({ held: this.#held.map(({ name }) => ({ name })), pending: this.#queue.map(({ name }) => ({ name })) })
  }

  #next(name: string): void {
    if (this.#held.some((held) => held.name === name)) return
    const next = this.#queue.find((queued) => queued.name === name)
    if (!next) return
    this.#queue = this.#queue.filter((queued) => queued !== next)
    next.grant()
  }
}

export const webLocks = globalThis.navigator?.locks ?? (new Locks() as unknown as LockManager)
