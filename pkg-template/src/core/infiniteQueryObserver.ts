import type { Engine } from '../border/engine'
import { Act } from '../border/wire'
import { fetchPages, isParam, nextParam, previousParam } from './infinitePages'
import { QueryObserver } from './queryObserver'
import { rejected } from './rejected'
import type { Query } from './query'
import type { QueryClient } from './queryClient'
import type {
  DefaultError,
  DefaultedQueryObserverOptions,
  FetchDirection,
  FetchNextPageOptions,
  FetchPreviousPageOptions,
  InfiniteData,
  InfiniteQueryFields,
  InfiniteQueryObserverOptions,
  InfiniteQueryObserverResult,
  QueryKey,
  QueryObserverOptions,
  QueryObserverResult,
  RefetchOptions,
} from './types'

/** Somebody's interest in an infinite query: a list that grows page by page. */
export class InfiniteQueryObserver<
  TQueryFnData = unknown,
  TError = DefaultError,
  TData = InfiniteData<TQueryFnData>,
  TQueryKey extends QueryKey = QueryKey,
  TPageParam = unknown,
> extends QueryObserver<TQueryFnData, TError, TData, InfiniteData<TQueryFnData, TPageParam>, TQueryKey> {
  readonly #engine: Engine
  declare getCurrentResult: () => InfiniteQueryObserverResult<TData, TError>
  declare subscribe: (listener: (result: InfiniteQueryObserverResult<TData, TError>) => void) => () => void

  constructor(client: QueryClient, options: InfiniteQueryObserverOptions<TQueryFnData, TError, TData, TQueryKey, TPageParam>) {
    super(client, options as never)
    this.#engine = client.getQueryCache().engine
  }

  /** Fetches the page behind the last one. */
  fetchNextPage(options?: FetchNextPageOptions): Promise<InfiniteQueryObserverResult<TData, TError>> {
    return this.#fetchPage('forward', options)
  }

  /** Fetches the page before the first one. */
  fetchPreviousPage(options?: FetchPreviousPageOptions): Promise<InfiniteQueryObserverResult<TData, TError>> {
    return this.#fetchPage('backward', options)
  }

  override setOptions(
    options:
      | InfiniteQueryObserverOptions<TQueryFnData, TError, TData, TQueryKey, TPageParam>
      | QueryObserverOptions<TQueryFnData, TError, TData, InfiniteData<TQueryFnData, TPageParam>, TQueryKey>,
  ): void {
    options._fetchPages = fetchPages
    super.setOptions(options as never)
  }

  override getOptimisticResult(
    options: DefaultedQueryObserverOptions<TQueryFnData, TError, TData, InfiniteData<TQueryFnData, TPageParam>, TQueryKey>,
  ): InfiniteQueryObserverResult<TData, TError> {
    options._fetchPages = fetchPages
    return super.getOptimisticResult(options) as InfiniteQueryObserverResult<TData, TError>
  }

  protected override createResult(
    query: Query<TQueryFnData, TError, InfiniteData<TQueryFnData, TPageParam>, TQueryKey>,
    options: QueryObserverOptions<TQueryFnData, TError, TData, InfiniteData<TQueryFnData, TPageParam>, TQueryKey>,
    now: number,
  ): QueryObserverResult<TData, TError> {
    const result = super.createResult(query, options, now)
    const { data, fetchMeta } = query.state
    const direction = fetchMeta?.fetchMore?.direction
    const has = (param: typeof nextParam): boolean => {
      try {
        return data !== undefined && isParam(param(options as never, data as InfiniteData<unknown>))
      } catch (error) {
        // Told as nobody's: else what has come would be shown to nobody.
        void rejected(error)
        return false
      }
    }
    const fields = {
      hasNextPage: has(nextParam),
      hasPreviousPage: has(previousParam),
      isFetchNextPageError: result.isError && direction === 'forward',
      isFetchingNextPage: result.isFetching && direction === 'forward',
      isFetchPreviousPageError: result.isError && direction === 'backward',
      isFetchingPreviousPage: result.isFetching && direction === 'backward',
    }
    const shown = this.getCurrentResult() as InfiniteQueryObserverResult<TData, TError> | undefined
    const before = result as Partial<InfiniteQueryFields>
    // What is shown already, and nothing of it has changed.
    if (keysOf(fields).every((name) => before[name] === fields[name])) return result
    return {
      ...result,
      ...fields,
      // The same functions in each result.
      fetchNextPage: shown?.fetchNextPage ?? this.fetchNextPage.bind(this),
      fetchPreviousPage: shown?.fetchPreviousPage ?? this.fetchPreviousPage.bind(this),
      isRefetchError: result.isError && result.data !== undefined && direction === undefined,
      isRefetching: result.isFetching && !result.isPending && direction === undefined,
    } as unknown as QueryObserverResult<TData, TError>
  }

  #fetchPage(direction: FetchDirection, options?: RefetchOptions): Promise<InfiniteQueryObserverResult<TData, TError>> {
    const query = this.getCurrentQuery()
    const { data, isInvalidated, status, fetchMeta } = query.state
    const meta = { fetchMore: { direction } }
    const fetching = this.fetch({ ...options, meta })
    // A page does not make true what the others say: they are fetched after it. But a page that failed says nothing of them.
    const isTold = isInvalidated && data !== undefined && (status === 'success' || !fetchMeta?.fetchMore)
    if (isTold && query.state.fetchMeta === meta) this.#engine.act(Act.Outdate, query.id, 0, this.#engine.environment())
    return fetching as Promise<InfiniteQueryObserverResult<TData, TError>>
  }
}

const keysOf = <T extends object>(object: T) => Object.keys(object) as Array<keyof T>
