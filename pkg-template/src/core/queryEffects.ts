import { ActionCode, CancelCode } from '../border/wire'
import { CancelledError } from './cancelledError'
import { actionOf, nextState } from './queryState'
import { rejected } from './rejected'
import type { Query } from './query'

/*
 * What the engine's effects on a query come to: its state is replaced and told, its fetch runs or ends.
 */

/** Its state changed. */
export function queryUpdated(query: Query, action: ActionCode, words: ArrayLike<number>, at: number): void {
  const { incoming, owner } = query
  const next = nextState(query.state, action, incoming, words, at)
  if (action === ActionCode.ManualSuccess) query.revertState = next
  if (action === ActionCode.Continue) query.resumed = true
  query.state = next
  if (query.getObserversCount() > 0) {
    const now = Date.now()
    for (const observer of query.observers) {
      try {
        observer.onQueryUpdate(now)
      } catch (error) {
        // A fault of one component's listener must not keep what has come from the others: it is told as nobody's.
        void rejected(error)
      }
    }
  }
  if (owner.hasListeners()) owner.notify({ type: 'updated', query, action: actionOf(action, incoming, next) })
  const abortController = query.abortNext
  query.abortNext = undefined
  abortController?.abort()
}

/** Its query function is to run once. */
export function queryRun(query: Query, id: number): void {
  const fetch = query.ongoing
  if (fetch?.id !== id) return
  if (!query.resumed) {
    fetch.runAttempt()
    return
  }
  query.resumed = false
  queueMicrotask(() => {
    if (query.ongoing === fetch && !fetch.cancelled) fetch.runAttempt()
  })
}

/** Its fetch was cancelled. */
export function queryCancelled(query: Query, id: number, mode: CancelCode): void {
  const fetch = query.ongoing
  if (fetch?.id !== id) return
  const options = fetch.cancelled ?? (mode === CancelCode.Revert ? { revert: true } : { silent: true })
  const error = new CancelledError(options)
  if (mode === CancelCode.Error) {
    // An error like any other: told in its turn, when whoever cancelled has had theirs.
    void Promise.resolve().then(() => fetch.endWith(error))
    fetch.abortController.abort()
    return
  }
  query.ongoing = undefined
  if (mode === CancelCode.Revert) {
    // The state that it reverts to is told first, and the signal aborted then.
    query.incoming = { ...query.revertState, fetchStatus: 'idle' }
    query.abortNext = fetch.abortController
  } else {
    // The user's abort listeners may call into the cache before the state that comes with this is told.
    const incoming = query.incoming
    fetch.abortController.abort()
    query.incoming = incoming
  }
  const { outcome } = fetch
  // Settled later: by then the state is reverted, or the fetch that follows has begun.
  void Promise.resolve().then(() => {
    if (options.silent) {
      if (query.ongoing) outcome.resolve(query.ongoing.outcome.promise)
      else outcome.reject(error)
    } else if (query.state.data === undefined) {
      outcome.reject(error)
    } else {
      outcome.resolve(query.state.data)
    }
  })
}

/** Its fetch ends before its next attempt. */
export function queryGaveUp(query: Query, id: number): void {
  const fetch = query.ongoing
  if (fetch?.id !== id) return
  // Not the state's: what was written meanwhile, by hydration for instance, may know of no failure.
  const error = fetch.failure!
  query.incoming = error
  void Promise.resolve().then(() => fetch.settleError(error))
  query.ongoing = undefined
}

/** It has left the cache. */
export function queryRemoved(query: Query): void {
  query.removed = true
  query.owner.onQueryRemoved(query)
}
