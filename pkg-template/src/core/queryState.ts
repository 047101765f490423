import { ActionCode, UpdatedWord } from '../border/wire'
import { unpackFetchStatus, unpackStatus } from './packing'
import type { FetchOptions, QueryAction, QueryKey, QueryOptions, QueryState, SetDataOptions } from './types'

/** The payload of a write. */
export interface Written<TData> {
  data: TData
  options?: SetDataOptions & { manual: boolean }
}

/** The state without data, shared by all queries that begin with it. */
const PENDING: QueryState = Object.freeze({
  data: undefined,
  dataUpdateCount: 0,
  dataUpdatedAt: 0,
  error: null,
  errorUpdateCount: 0,
  errorUpdatedAt: 0,
  fetchFailureCount: 0,
  fetchFailureReason: null,
  fetchMeta: null,
  isInvalidated: false,
  status: 'pending',
  fetchStatus: 'idle',
})

/** The state in which a query with these options begins. */
export function initialState<TQueryFnData, TError, TData, TQueryKey extends QueryKey>(
  options: QueryOptions<TQueryFnData, TError, TData, TQueryKey>,
): QueryState<TData, TError> {
  const { initialData, initialDataUpdatedAt } = options
  if (initialData === undefined) return PENDING as QueryState<never, never>
  const data =
    typeof initialData === 'function' ? (initialData as () => TData | undefined)() : initialData
  if (data === undefined) return PENDING as QueryState<never, never>
  const updatedAt =
    (typeof initialDataUpdatedAt === 'function' ? initialDataUpdatedAt() : initialDataUpdatedAt) ?? Date.now()
  return { ...(PENDING as QueryState<never, never>), data, dataUpdatedAt: updatedAt, status: 'success' }
}

/** The state after an action: the engine's numbers, and the payloads (`incoming`), which it knows nothing of. */
export function nextState<TData, TError>(
  state: QueryState<TData, TError>,
  action: ActionCode,
  incoming: unknown,
  words: ArrayLike<number>,
  at: number,
): QueryState<TData, TError> {
  const next: QueryState<TData, TError> = {
    data: state.data,
    dataUpdateCount: words[at + UpdatedWord.DataUpdateCount]!,
    dataUpdatedAt: words[at + UpdatedWord.DataUpdatedAt]!,
    error: state.error,
    errorUpdateCount: words[at + UpdatedWord.ErrorUpdateCount]!,
    errorUpdatedAt: words[at + UpdatedWord.ErrorUpdatedAt]!,
    fetchFailureCount: words[at + UpdatedWord.FetchFailureCount]!,
    fetchFailureReason: state.fetchFailureReason,
    fetchMeta: state.fetchMeta,
    isInvalidated: words[at + UpdatedWord.IsInvalidated] !== 0,
    status: unpackStatus(words[at + UpdatedWord.Status]!) as QueryState['status'],
    fetchStatus: unpackFetchStatus(words[at + UpdatedWord.FetchStatus]!),
  }
  switch (action) {
    case ActionCode.Fetch:
      next.fetchMeta = (incoming as QueryState['fetchMeta'] | undefined) ?? null
      next.fetchFailureReason = null
      if (state.data === undefined) next.error = null
      break
    case ActionCode.Success:
      next.fetchFailureReason = null
      next.data = (incoming as Written<TData>).data
      next.error = null
      break
    case ActionCode.ManualSuccess:
      next.data = (incoming as Written<TData>).data
      next.error = null
      break
    case ActionCode.Error:
      next.error = incoming as TError
      next.fetchFailureReason = incoming as TError
      break
    case ActionCode.Failed:
      next.fetchFailureReason = incoming as TError
      break
    case ActionCode.SetState: {
      const { data, error, fetchFailureReason, fetchMeta } = {
        ...state,
        ...(incoming as Partial<QueryState<TData, TError>>),
      }
      Object.assign(next, { data, error, fetchFailureReason, fetchMeta })
      break
    }
    case ActionCode.Pause:
    case ActionCode.Continue:
    case ActionCode.Invalidate:
      break
  }
  return next
}

/** The action of a cache event, as TanStack writes it. */
export function actionOf<TData, TError>(
  action: ActionCode,
  incoming: unknown,
  { fetchFailureCount }: QueryState<TData, TError>,
): QueryAction<TData, TError> {
  switch (action) {
    case ActionCode.Fetch:
      return { type: 'fetch', meta: incoming as NonNullable<FetchOptions['meta']> }
    case ActionCode.Success:
    case ActionCode.ManualSuccess: {
      const { data, options } = incoming as Written<TData>
      return {
        type: 'success',
        data,
        dataUpdatedAt: options?.updatedAt as number,
        manual: options?.manual as boolean,
      }
    }
    case ActionCode.Failed:
      return { type: 'failed', failureCount: fetchFailureCount, error: incoming as TError }
    case ActionCode.Error:
      return { type: 'error', error: incoming as TError }
    case ActionCode.Pause:
      return { type: 'pause' }
    case ActionCode.Continue:
      return { type: 'continue' }
    case ActionCode.Invalidate:
      return { type: 'invalidate' }
    case ActionCode.SetState:
      return { type: 'setState', state: incoming as QueryState<TData, TError> }
  }
}
