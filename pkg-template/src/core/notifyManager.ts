type Callback = () => void
type NotifyFunction = (callback: Callback) => void
type BatchNotifyFunction = (callback: Callback) => void
type ScheduleFunction = (callback: Callback) => void

/**
 * Runs a batch in the next task. `setTimeout` is looked up at each call: test frameworks replace the global, and
 * a reference kept from load time would escape them.
 */
export const defaultScheduler: ScheduleFunction = (callback) => {
  setTimeout(callback, 0)
}

/**
 * Collects notifications so that listeners run once per batch, outside the code that caused them. The three
 * functions it runs them through can be replaced; that is how a test wraps them in `act`.
 */
export function createNotifyManager() {
  let queue: Callback[] = []
  let depth = 0
  let notify: NotifyFunction = (callback) => callback()
  let batchNotify: BatchNotifyFunction = (callback) => callback()
  let scheduler: ScheduleFunction = defaultScheduler

  const flush = (): void => {
    if (queue.length === 0) return
    const flushed = queue
    queue = []
    scheduler(() => {
      batchNotify(() => {
        for (const callback of flushed) notify(callback)
      })
    })
  }

  const schedule = (callback: Callback): void => {
    if (depth > 0) {
      queue.push(callback)
    } else {
      scheduler(() => notify(callback))
    }
  }

  return {
    /** Runs `callback`; what it schedules is notified once, after the outermost batch. */
    batch<T>(callback: () => T): T {
      depth++
      try {
        return callback()
      } finally {
        depth--
        if (depth === 0) flush()
      }
    },
    /** Wraps a function so that calling it only schedules the call. */
    batchCalls<T extends unknown[]>(callback: (...args: T) => void): (...args: T) => void {
      return (...args) => {
        schedule(() => callback(...args))
      }
    },
    /** Runs `callback` with the current batch, or in the next task when there is none. */
    schedule,
    /** Replaces how a single notification is run. */
    setNotifyFunction(fn: NotifyFunction): void {
      notify = fn
    },
    /** Replaces how a whole batch is run. */
    setBatchNotifyFunction(fn: BatchNotifyFunction): void {
      batchNotify = fn
    },
    /** Replaces when a batch is run; the default is the next task. */
    setScheduler(fn: ScheduleFunction): void {
      scheduler = fn
    },
  } as const
}

/** The one every client uses. */
export const notifyManager = createNotifyManager()
