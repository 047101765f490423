import { Act } from '../border/wire'
import { notifyManager } from '../core/notifyManager'
import type { Query } from '../core/query'
import type { QueryCache } from '../core/queryCache'

/** What a stream does to a cache. The engine decides what becomes of each query; here they are found and named. */
export class Coverage {
  readonly #cache: QueryCache
  readonly #covers: (query: Query) => boolean
  #unsubscribe: (() => void) | undefined

  constructor(cache: QueryCache, covers: (query: Query) => boolean) {
    this.#cache = cache
    this.#covers = covers
  }

  /** Whether the stream would tell of changes now: to what is there, and to what comes. */
  set(healthy: boolean): void {
    this.#unsubscribe?.()
    this.#unsubscribe = healthy
      ? this.#cache.subscribe((event) => {
          if (event.type === 'added' && this.#covers(event.query)) this.#cover(event.query, true)
        })
      : undefined
    for (const query of this.#covered()) this.#cover(query, healthy)
  }

  /** All that the stream covers may have changed. */
  outdateAll(): void {
    this.#outdate(this.#covered())
  }

  /** What these patterns match has changed. One that cannot be read may mean anything. */
  outdateMatching(patterns: Iterable<string>): void {
    // Each once: a second mark on a fetch that the first has caused would cause another.
    const found = new Set<Query>()
    try {
      for (const pattern of patterns) for (const query of this.#cache.findAll({ pattern })) found.add(query)
    } catch {
      this.#covered().forEach((query) => found.add(query))
    }
    this.#outdate(found)
  }

  /** When the oldest data came that the stream covers; infinite if there is none. */
  oldestDataAt(): number {
    return this.#covered().reduce(
      (oldest, { state }) => (state.data === undefined ? oldest : Math.min(oldest, state.dataUpdatedAt)),
      Infinity,
    )
  }

  #covered(): Query[] {
    return this.#cache.getAll().filter((query) => this.#covers(query))
  }

  #cover(query: Query, covered: boolean): void {
    this.#cache.engine.act(Act.Cover, query.id, covered ? 1 : 0)
  }

  #outdate(queries: Iterable<Query>): void {
    const { engine } = this.#cache
    this.#cache.syncOptions()
    const environment = engine.environment()
    notifyManager.batch(() => {
      for (const query of queries) {
        // What the user does meanwhile may let it go.
        if (query.isIn(this.#cache)) engine.act(Act.Outdate, query.id, 0, environment)
      }
    })
  }
}
