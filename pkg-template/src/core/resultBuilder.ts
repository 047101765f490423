import { Difference, differenceOf } from './optionsDifference'
import { replaceData } from './replaceData'
import { sameResult, sameShape } from './sameResult'
import type { Query } from './query'
import type {
  FetchStatus,
  QueryKey,
  QueryObserverBaseResult,
  QueryObserverOptions as Options,
  QueryObserverResult,
  QueryState,
} from './types'

/**
 * Shapes a query's state into an observer's result: placeholder data, `select`, the derived booleans. It keeps
 * what it needs to give the same references again.
 *
 * Two of its memories differ: what was built last, perhaps for a render that React threw away, and what the observer
 * shows, which `select` and placeholders go by.
 */
export class ResultBuilder<TQueryFnData, TError, TData, TQueryData, TQueryKey extends QueryKey> {
  readonly #refetch: QueryObserverResult<TData, TError>['refetch']
  /** The query's counts when the observer came to it: what was fetched since is "after mount". */
  #beginState: QueryState<TQueryData, TError> | undefined
  /** What the observer's result was made from. */
  #resultState: QueryState<TQueryData, TError> | undefined
  #resultOptions: Options<TQueryFnData, TError, TData, TQueryData, TQueryKey> | undefined
  /** The last result built, and what it was built from. */
  #built: QueryObserverResult<TData, TError> | undefined
  #builtQuery: Query<TQueryFnData, TError, TQueryData, TQueryKey> | undefined
  #builtIsCurrent = false
  #builtState: QueryState<TQueryData, TError> | undefined
  #builtOptions: Options<TQueryFnData, TError, TData, TQueryData, TQueryKey> = undefined!
  #builtFetch: FetchStatus | undefined
  #lastQueryWithData: Query<TQueryFnData, TError, TQueryData, TQueryKey> | undefined
  #selectFn: ((data: TQueryData) => TData) | undefined
  #selectResult: TData | undefined
  #selectError: TError | null = null

  constructor(refetch: QueryObserverResult<TData, TError>['refetch']) {
    this.#refetch = refetch
  }

  /** The observer came to a query. */
  begin(query: Query<TQueryFnData, TError, TQueryData, TQueryKey>): void {
    this.#beginState = query.state
    this.#built = undefined
  }

  /** The last result built is now the observer's current one. */
  remember(
    query: Query<TQueryFnData, TError, TQueryData, TQueryKey>,
    options: Options<TQueryFnData, TError, TData, TQueryData, TQueryKey>,
  ): void {
    this.#resultState = query.state
    this.#resultOptions = options
    if (query.state.data !== undefined) this.#lastQueryWithData = query
  }

  /**
   * Whether `current` is what was built last, from this state of this query, and these options make no other of it:
   * nothing changed but functions that a result does not depend on.
   */
  isBuilt(
    query: Query<TQueryFnData, TError, TQueryData, TQueryKey>,
    options: Options<TQueryFnData, TError, TData, TQueryData, TQueryKey>,
    current: QueryObserverResult<TData, TError>,
  ): boolean {
    return (
      this.#built === current &&
      this.#builtQuery === query &&
      this.#builtState === query.state &&
      // One that foresaw a fetch may find that others had begun it.
      !this.#builtFetch &&
      differenceOf(this.#builtOptions, options) !== Difference.Other
    )
  }

  /**
   * The result of a query, which may not be the one that the observer watches (`isCurrent`), under these options.
   * `current` is the result that the observer shows; the staleness and the fetch that these options are about to cause
   * (`optimisticFetch`) are the engine's word. Gives `current` again where the result is equal to it.
   */
  build(
    query: Query<TQueryFnData, TError, TQueryData, TQueryKey>,
    isCurrent: boolean,
    options: Options<TQueryFnData, TError, TData, TQueryData, TQueryKey>,
    current: QueryObserverResult<TData, TError> | undefined,
    isStale: boolean,
    isEnabled: boolean,
    optimisticFetch: FetchStatus | undefined,
  ): QueryObserverResult<TData, TError> {
    const { state } = query
    const built = this.#built
    const before = this.#builtOptions
    const isRepeated =
      built !== undefined &&
      built === current &&
      this.#builtState === state &&
      this.#builtQuery === query &&
      this.#builtIsCurrent === isCurrent &&
      this.#builtFetch === optimisticFetch &&
      built.isStale === isStale &&
      built.isEnabled === isEnabled &&
      sameShape(before, options) &&
      // An error of `select` is an error anew each time.
      this.#selectError === null
    this.#builtOptions = options
    // Most renders and updates change nothing.
    if (isRepeated) return built
    let { status, fetchStatus, error, errorUpdatedAt, fetchFailureCount, fetchFailureReason } = state
    if (optimisticFetch) {
      fetchStatus = optimisticFetch
      fetchFailureCount = 0
      fetchFailureReason = null
      if (state.data === undefined) {
        error = null
        status = 'pending'
      }
    }
    if (options._optimisticResults === 'isRestoring') fetchStatus = 'idle'

    const placeholder =
      state.data === undefined && status === 'pending' ? this.#placeholder(options, current) : undefined
    let isPlaceholderData = placeholder !== undefined
    if (placeholder) status = 'success'
    let data = this.#select(state.data, options, current, placeholder)
    if (this.#selectError) {
      error = this.#selectError
      data = this.#selectResult
      errorUpdatedAt = Date.now()
      status = 'error'
      isPlaceholderData = false
    }

    const begin = isCurrent ? (this.#beginState ?? state) : state
    const isFetching = fetchStatus === 'fetching'
    const isPending = status === 'pending'
    const isError = status === 'error'
    const isLoading = isPending && isFetching
    const hasData = data !== undefined
    const result: QueryObserverBaseResult<TData, TError> = {
      status,
      fetchStatus,
      isPending,
      isSuccess: status === 'success',
      isError,
      isInitialLoading: isLoading,
      isLoading,
      data,
      dataUpdatedAt: state.dataUpdatedAt,
      error,
      errorUpdatedAt,
      failureCount: fetchFailureCount,
      failureReason: fetchFailureReason,
      errorUpdateCount: state.errorUpdateCount,
      isFetched: query.isFetched(),
      isFetchedAfterMount:
        state.dataUpdateCount > begin.dataUpdateCount || state.errorUpdateCount > begin.errorUpdateCount,
      isFetching,
      isRefetching: isFetching && !isPending,
      isLoadingError: isError && !hasData,
      isPaused: fetchStatus === 'paused',
      isPlaceholderData,
      isRefetchError: isError && hasData,
      isStale,
      refetch: this.#refetch,
      isEnabled,
    }
    this.#builtQuery = query
    this.#builtIsCurrent = isCurrent
    this.#builtState = state
    this.#builtFetch = optimisticFetch
    const next = result as QueryObserverResult<TData, TError>
    // The same result keeps its reference: what depends on it need not run again.
    return (this.#built = current && sameResult(current, next) ? current : next)
  }

  /** What stands in for the data: as it is, or selected already if it is the one shown before. */
  #placeholder(
    options: Options<TQueryFnData, TError, TData, TQueryData, TQueryKey>,
    current: QueryObserverResult<TData, TError> | undefined,
  ): { data: unknown; selected: boolean } | undefined {
    const { placeholderData } = options
    if (placeholderData === undefined) return undefined
    if (current?.isPlaceholderData && placeholderData === this.#resultOptions?.placeholderData) {
      return current.data === undefined ? undefined : { data: current.data, selected: true }
    }
    const data: unknown =
      typeof placeholderData === 'function'
        ? (placeholderData as (data: unknown, query: unknown) => unknown)(
            this.#lastQueryWithData?.state.data,
            this.#lastQueryWithData,
          )
        : placeholderData
    if (data === undefined) return undefined
    return { data: replaceData(current?.data, data as TData, options as never), selected: false }
  }

  /** Runs `select` over the data, unless neither has changed. */
  #select(
    stored: TQueryData | undefined,
    options: Options<TQueryFnData, TError, TData, TQueryData, TQueryKey>,
    current: QueryObserverResult<TData, TError> | undefined,
    placeholder: { data: unknown; selected: boolean } | undefined,
  ): TData | undefined {
    const data = (placeholder ? placeholder.data : stored) as TQueryData | undefined
    if (data === undefined) {
      // An error of `select` belongs to data that is gone.
      this.#selectError = null
      return undefined
    }
    if (!options.select || placeholder?.selected) return data as unknown as TData
    const unchanged = current && data === this.#resultState?.data && options.select === this.#selectFn
    if (unchanged) return this.#selectResult
    try {
      this.#selectFn = options.select
      const selected = replaceData(current?.data, options.select(data), options as never)
      this.#selectResult = selected
      this.#selectError = null
      return selected
    } catch (error) {
      this.#selectError = error as TError
      return undefined
    }
  }
}
