import { notifyManager } from './notifyManager'
import type { Query } from './query'
import type { QueryClient } from './queryClient'
import { QueryObserver } from './queryObserver'
import { shallowEqualObjects } from './shallowEqual'
import { replaceEqualDeep } from './structuralSharing'
import { Subscribable } from './subscribable'
import type { DefaultedQueryObserverOptions, QueryObserverOptions, QueryObserverResult } from './types'

type Results = QueryObserverResult[]
type Combine<TCombinedResult> = (results: Results) => TCombinedResult

/** Options of all queries together. */
export interface QueriesObserverOptions<TCombinedResult = Results> {
  /** Makes one value of all results. */
  combine?: Combine<TCombinedResult>
}

interface Match {
  options: DefaultedQueryObserverOptions
  observer: QueryObserver
}

/** Observes a list of queries as one. Queries that stay in the list keep their observers. */
export class QueriesObserver<TCombinedResult = Results> extends Subscribable<(results: Results) => void> {
  readonly #client: QueryClient
  #options: QueriesObserverOptions<TCombinedResult> | undefined
  #matches: Match[] = []
  /** Where each observer stands in the list: looking it up by search makes a round of updates quadratic. */
  #indexes = new Map<QueryObserver, number>()
  #results: Results = []
  #tracked: Results = []
  #trackedResults: Results = []
  #combined: TCombinedResult | undefined
  #combinedBy: Combine<TCombinedResult> | undefined
  #combinedFrom: Results | undefined
  #combinedHashes: string[] | undefined

  constructor(client: QueryClient, queries: QueryObserverOptions[], options?: QueriesObserverOptions<TCombinedResult>) {
    super()
    this.#client = client
    this.setQueries(queries, options)
  }

  /** Replaces the list. Observers are matched by query; those left over are stopped. */
  setQueries(queries: QueryObserverOptions[], options?: QueriesObserverOptions<TCombinedResult>): void {
    this.#options = options
    const defaultedQueries = queries.map((query) => this.#client.defaultQueryOptions(query))
    if (process.env.NODE_ENV !== 'production') warnAboutDuplicates(defaultedQueries)
    notifyManager.batch(() => {
      const previous = this.#matches
      const matches = this.#match(defaultedQueries)
      for (const { observer, options: defaulted } of matches) observer.setOptions(defaulted)

      const results = matches.map(({ observer }) => observer.getCurrentResult())
      const otherObservers =
        previous.length !== matches.length || matches.some((match, i) => match.observer !== previous[i]?.observer)
      const changed = otherObservers || results.some((result, i) => !shallowEqualObjects(result, this.#results[i]))
      if (!changed) return

      this.#results = results
      if (otherObservers) {
        this.#matches = matches
        this.#tracked = []
        const before = this.#indexes
        this.#indexes = new Map(matches.map(({ observer }, i) => [observer, i]))
        if (this.hasListeners()) this.#exchange(before.keys())
      }
      this.#notify()
    })
  }

  /** The results now, in the order of the queries. */
  getCurrentResult(): Results {
    return this.#results
  }

  /** The queries now watched. */
  getQueries(): Query[] {
    return this.#matches.map(({ observer }) => observer.getCurrentQuery())
  }

  /** An observer per query, in the same order. */
  getObservers(): QueryObserver[] {
    return this.#matches.map(({ observer }) => observer)
  }

  /**
   * What a list would show before it is set: the results, a function that combines results, and one that gives the
   * results with their reads tracked.
   */
  getOptimisticResult(
    queries: QueryObserverOptions[],
    combine: Combine<TCombinedResult> | undefined,
  ): [results: Results, combine: (results?: Results) => TCombinedResult, track: () => Results] {
    const matches = this.#match(queries)
    const results = matches.map(({ observer, options }) => observer.getOptimisticResult(options))
    const hashes = matches.map(({ options }) => options.queryHash)
    return [
      results,
      (input = results) => this.#combine(input, combine, hashes),
      () => matches.map((match, i) => trackMatch(match, results[i] as QueryObserverResult, matches)),
    ]
  }

  /** Stops all observers. */
  destroy(): void {
    this.listeners = new Set()
    for (const { observer } of this.#matches) observer.destroy()
  }

  protected override onSubscribe(): void {
    if (this.listeners.size === 1) {
      for (const { observer } of this.#matches) this.#listenTo(observer)
    }
  }

  protected override onUnsubscribe(): void {
    if (!this.hasListeners()) this.destroy()
  }

  #listenTo(observer: QueryObserver): void {
    observer.subscribe((result) => this.#onUpdate(observer, result))
  }

  /** Stops the observers that are not in the list any more, and starts those that are new in it. */
  #exchange(before: Iterable<QueryObserver>): void {
    const known = new Set(before)
    for (const observer of known) {
      if (!this.#indexes.has(observer)) observer.destroy()
    }
    for (const observer of this.#indexes.keys()) {
      if (!known.has(observer)) this.#listenTo(observer)
    }
  }

  #onUpdate(observer: QueryObserver, result: QueryObserverResult): void {
    const index = this.#indexes.get(observer)
    if (index === undefined) return
    this.#results = this.#results.slice()
    this.#results[index] = result
    this.#notify()
  }

  #notify(): void {
    if (!this.hasListeners()) return
    const combine = this.#options?.combine
    if (combine && !this.#suspends()) {
      const before = this.#combined
      // Only what the combination has read decides, through the tracking; an equal combination tells nobody.
      if (this.#combine(this.#trackAll(), combine) === before) return
    }
    notifyManager.batch(() => {
      this.listeners.forEach((listener) => {
        listener(this.#results)
      })
    })
  }

  /** A suspended component has nothing to combine yet. */
  #suspends(): boolean {
    return this.#matches.some(({ observer }, i) => observer.options.suspense && this.#results[i]?.data === undefined)
  }

  #combine(input: Results, combine: Combine<TCombinedResult> | undefined, hashes?: string[]): TCombinedResult {
    if (!combine) return input as unknown as TCombinedResult
    const otherQueries =
      hashes !== undefined && this.#combinedHashes !== undefined && !sameText(hashes, this.#combinedHashes)
    if (this.#combinedFrom !== this.#results || this.#combinedBy !== combine || otherQueries) {
      this.#combinedFrom = this.#results
      this.#combinedBy = combine
      if (hashes) this.#combinedHashes = hashes
      this.#combined = replaceEqualDeep(this.#combined, combine(input))
    }
    return this.#combined as TCombinedResult
  }

  /** The results with their reads tracked. One whose result is the same is not wrapped again. */
  #trackAll(): Results {
    const { length } = this.#results
    const same = this.#tracked.length === length
    this.#tracked = this.#matches.map((match, i) => {
      const result = this.#results[i] as QueryObserverResult
      const known = same && this.#trackedResults[i] === result ? this.#tracked[i] : undefined
      return known ?? trackMatch(match, result, this.#matches)
    })
    this.#trackedResults = this.#results
    return this.#tracked
  }

  /** The observers for a list: those there are, by query, and new ones for the rest. */
  #match(queries: QueryObserverOptions[]): Match[] {
    const known = new Map<string, QueryObserver[]>()
    for (const { observer } of this.#matches) {
      const hash = observer.options.queryHash
      if (!hash) continue
      const twins = known.get(hash)
      if (twins) twins.push(observer)
      else known.set(hash, [observer])
    }
    return queries.map((query) => {
      const options = this.#client.defaultQueryOptions(query)
      const observer = known.get(options.queryHash)?.shift() ?? new QueryObserver(this.#client, options)
      return { options, observer }
    })
  }
}

/** A field that is read of one result counts as read of all: they are shown by one component. */
function trackMatch(match: Match, result: QueryObserverResult, matches: Match[]): QueryObserverResult {
  if (match.options.notifyOnChangeProps) return result
  const seen = new Set<keyof QueryObserverResult>()
  return match.observer.trackResult(result, (field) => {
    if (seen.has(field)) return
    seen.add(field)
    for (const { observer } of matches) observer.trackProp(field)
  })
}

function sameText(a: string[], b: string[]): boolean {
  return a.length === b.length && a.every((text, i) => text === b[i])
}

function warnAboutDuplicates(queries: DefaultedQueryObserverOptions[]): void {
  if (new Set(queries.map(({ queryHash }) => queryHash)).size !== queries.length) {
    console.warn('[QueriesObserver]: Duplicate Queries found. This might result in unexpected behavior.')
  }
}
