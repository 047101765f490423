import { KeyDefaults } from './keyDefaults'
import { hashQueryKeyByOptions } from './queryHash'
import { skipToken } from './skipToken'
import { typedKeyFacts } from './typedKey'
import type {
  DefaultError,
  DefaultOptions,
  DefaultedQueryObserverOptions,
  MutationKey,
  MutationObserverOptions,
  MutationOptions,
  OmitKeyof,
  QueryKey,
  QueryObserverOptions,
  QueryOptions,
} from './types'

type QueryDefaults = OmitKeyof<QueryOptions, 'queryKey'>

/** What a client fills into options: its defaults for everything, those of a typed key's family, those of a key's beginning. */
export abstract class ClientDefaults {
  #defaultOptions: DefaultOptions
  readonly #queryDefaults = new KeyDefaults<QueryDefaults>()
  readonly #mutationDefaults = new KeyDefaults<MutationOptions<unknown, DefaultError, unknown>>()

  constructor(defaultOptions: DefaultOptions = {}) {
    this.#defaultOptions = defaultOptions
  }

  /** Whether no defaults have a say in how a key is hashed. @internal */
  get hashesByKeyAlone(): boolean {
    return !this.#defaultOptions.queries?.queryKeyHashFn && this.#queryDefaults.size === 0
  }

  /** The defaults for everything. */
  getDefaultOptions(): DefaultOptions {
    return this.#defaultOptions
  }

  /** Replaces the defaults for everything; what exists keeps its own until it is given options again. */
  setDefaultOptions(options: DefaultOptions): void {
    this.#defaultOptions = options
  }

  /** Defaults for the queries whose keys begin with `queryKey`. */
  setQueryDefaults(
    queryKey: QueryKey,
    options: Partial<OmitKeyof<QueryObserverOptions<never, never, never, never>, 'queryKey'>>,
  ): void {
    this.#queryDefaults.set(queryKey, options as QueryDefaults)
  }

  /** The defaults for a key: all whose keys it begins with, later ones over earlier ones. */
  getQueryDefaults(queryKey: QueryKey): OmitKeyof<QueryObserverOptions, 'queryKey'> {
    return this.#queryDefaults.get(queryKey) as OmitKeyof<QueryObserverOptions, 'queryKey'>
  }

  /** Defaults for the mutations whose keys begin with `mutationKey`. */
  setMutationDefaults(mutationKey: MutationKey, options: OmitKeyof<MutationObserverOptions, 'mutationKey'>): void {
    this.#mutationDefaults.set(mutationKey, options as never)
  }

  /** The defaults for a key: all whose keys it begins with, later ones over earlier ones. */
  getMutationDefaults(mutationKey: MutationKey): OmitKeyof<MutationObserverOptions, 'mutationKey'> {
    return this.#mutationDefaults.get(mutationKey) as OmitKeyof<MutationObserverOptions, 'mutationKey'>
  }

  /** Options with the client's and the key's defaults, and the hash, put in. */
  defaultQueryOptions<
    TQueryFnData = unknown,
    TError = DefaultError,
    TData = TQueryFnData,
    TQueryData = TQueryFnData,
    TQueryKey extends QueryKey = QueryKey,
  >(
    options:
      | QueryObserverOptions<TQueryFnData, TError, TData, TQueryData, TQueryKey>
      | DefaultedQueryObserverOptions<TQueryFnData, TError, TData, TQueryData, TQueryKey>,
  ): DefaultedQueryObserverOptions<TQueryFnData, TError, TData, TQueryData, TQueryKey> {
    type Defaulted = DefaultedQueryObserverOptions<TQueryFnData, TError, TData, TQueryData, TQueryKey>
    if (options._defaulted) return options as Defaulted
    // Runs at every render. What is filled in below stands first: V8 adds a property to a copy a hundred times
    // slower than it copies an object into one that has it.
    const defaulted = {
      _defaulted: true,
      _optimisticResults: undefined,
      queryHash: undefined,
      refetchOnReconnect: undefined,
      throwOnError: undefined,
      ...this.#defaultOptions.queries,
      ...(options.queryKey && typedKeyFacts(options.queryKey)?.defaults),
      ...this.#queryDefaults.get(options.queryKey),
      ...options,
    } as unknown as Defaulted
    if (!defaulted.queryHash) {
      defaulted.queryHash = hashQueryKeyByOptions(defaulted.queryKey, defaulted as unknown as QueryOptions)
    }
    if (defaulted.refetchOnReconnect === undefined) {
      defaulted.refetchOnReconnect = defaulted.networkMode !== 'always'
    }
    if (defaulted.throwOnError === undefined) defaulted.throwOnError = !!defaulted.suspense
    if (!defaulted.networkMode && defaulted.persister) defaulted.networkMode = 'offlineFirst'
    if (defaulted.queryFn === skipToken) defaulted.enabled = false
    return defaulted
  }

  /** Options with the client's and the key's defaults put in. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- mutations of every type
  defaultMutationOptions<T extends MutationOptions<any, any, any, any>>(options?: T): T {
    if (options?._defaulted) return options
    return {
      ...this.#defaultOptions.mutations,
      ...(options?.mutationKey && this.#mutationDefaults.get(options.mutationKey)),
      ...options,
      _defaulted: true,
    } as unknown as T
  }
}
