import { replaceData } from './replaceData'
import type { Query } from './query'
import type {
  FetchStatus,
  QueryKey,
  QueryObserverBaseResult,
  QueryObserverOptions,
  QueryObserverResult,
  QueryState,
} from './types'

type Options<TQueryFnData, TError, TData, TQueryData, TQueryKey extends QueryKey> = QueryObserverOptions<
  TQueryFnData,
  TError,
  TData,
  TQueryData,
  TQueryKey
>

/** What a result is made from. The staleness and the coming fetch are the engine's word. */
export interface ResultInput<TQueryFnData, TError, TData, TQueryData, TQueryKey extends QueryKey> {
  query: Query<TQueryFnData, TError, TQueryData, TQueryKey>
  currentQuery: Query<TQueryFnData, TError, TQueryData, TQueryKey>
  options: Options<TQueryFnData, TError, TData, TQueryData, TQueryKey>
  current: QueryObserverResult<TData, TError> | undefined
  isStale: boolean
  isEnabled: boolean
  /** The `fetchStatus` of a fetch that these options are about to cause. */
  optimisticFetch: FetchStatus | undefined
}

/**
 * Shapes a query's state into an observer's result: placeholder data, `select`, the derived booleans. It keeps
 * what it needs to give the same references again.
 */
export class ResultBuilder<TQueryFnData, TError, TData, TQueryData, TQueryKey extends QueryKey> {
  readonly #refetch: QueryObserverResult<TData, TError>['refetch']
  /** The query's counts when the observer came to it: what was fetched since is "after mount". */
  #beginState: QueryState<TQueryData, TError> | undefined
  /** What the current result was made from. */
  #resultState: QueryState<TQueryData, TError> | undefined
  #resultOptions: Options<TQueryFnData, TError, TData, TQueryData, TQueryKey> | undefined
  /** What the last result was built from, and the result. */
  #built: ResultInput<TQueryFnData, TError, TData, TQueryData, TQueryKey> | undefined
  #builtState: QueryState<TQueryData, TError> | undefined
  #builtResult: QueryObserverResult<TData, TError> | undefined
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

  build(
    input: ResultInput<TQueryFnData, TError, TData, TQueryData, TQueryKey>,
  ): QueryObserverResult<TData, TError> {
    if (this.#isRepeated(input)) return input.current!
    const { query, options, optimisticFetch } = input
    const { state } = query
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
      state.data === undefined && status === 'pending' ? this.#placeholder(input) : undefined
    let isPlaceholderData = placeholder !== undefined
    if (placeholder) status = 'success'
    let data = this.#select(input, placeholder)
    if (this.#selectError) {
      error = this.#selectError
      data = this.#selectResult
      errorUpdatedAt = Date.now()
      status = 'error'
      isPlaceholderData = false
    }

    const begin = query === input.currentQuery ? (this.#beginState ?? state) : state
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
      isStale: input.isStale,
      refetch: this.#refetch,
      isEnabled: input.isEnabled,
    }
    this.#built = input
    this.#builtState = state
    this.#builtResult = result as QueryObserverResult<TData, TError>
    return this.#builtResult
  }

  /** Whether the current result was made from the same: most renders and updates change nothing. */
  #isRepeated(input: ResultInput<TQueryFnData, TError, TData, TQueryData, TQueryKey>): boolean {
    const { query, options } = input
    const built = this.#built
    return (
      built !== undefined &&
      input.current === this.#builtResult &&
      built.query === query &&
      built.currentQuery === input.currentQuery &&
      this.#builtState === query.state &&
      built.isStale === input.isStale &&
      built.isEnabled === input.isEnabled &&
      built.optimisticFetch === input.optimisticFetch &&
      built.options.select === options.select &&
      built.options.placeholderData === options.placeholderData &&
      built.options._optimisticResults === options._optimisticResults &&
      // An error of `select` is an error anew each time.
      this.#selectError === null
    )
  }

  /** What stands in for the data: as it is, or selected already if it is the one shown before. */
  #placeholder({
    options,
    current,
  }: ResultInput<TQueryFnData, TError, TData, TQueryData, TQueryKey>):
    { data: unknown; selected: boolean } | undefined {
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
    input: ResultInput<TQueryFnData, TError, TData, TQueryData, TQueryKey>,
    placeholder: { data: unknown; selected: boolean } | undefined,
  ): TData | undefined {
    const { options, current } = input
    const data = (placeholder ? placeholder.data : input.query.state.data) as TQueryData | undefined
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

/** Whether two results are equal in every field. */
export function sameResult<TData, TError>(
  a: QueryObserverResult<TData, TError>,
  b: QueryObserverResult<TData, TError>,
): boolean {
  // Only the fields that no other field decides: the booleans follow from these.
  return (
    a === b ||
    (a.data === b.data &&
      a.status === b.status &&
      a.fetchStatus === b.fetchStatus &&
      a.dataUpdatedAt === b.dataUpdatedAt &&
      a.error === b.error &&
      a.errorUpdatedAt === b.errorUpdatedAt &&
      a.failureCount === b.failureCount &&
      a.failureReason === b.failureReason &&
      a.errorUpdateCount === b.errorUpdateCount &&
      a.isFetched === b.isFetched &&
      a.isFetchedAfterMount === b.isFetchedAfterMount &&
      a.isPlaceholderData === b.isPlaceholderData &&
      a.isStale === b.isStale &&
      a.isEnabled === b.isEnabled &&
      a.refetch === b.refetch)
  )
}
