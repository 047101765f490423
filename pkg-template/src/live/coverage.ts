import { Act } from '../border/wire'
import { notifyManager } from '../core/notifyManager'
import type { Query } from '../core/query'
import type { QueryCache } from '../core/queryCache'
import { run } from './run'

/** Data may have been asked for so long (ms) before it came; the link says the same of what is there when it starts. */
const LONGEST_FETCH = 30_000
/** Data that is no older (ms) did not come from elsewhere. */
const JUST_NOW = 10

/** What a stream does to a cache. The engine decides what becomes of each query; here they are found and named. */
export class Coverage {
  readonly #cache: QueryCache
  readonly #covers: (query: Query) => boolean
  /** What was covered when its data came: of that, nothing was missed. */
  readonly #followed = new WeakSet<Query>()
  #isHealthy = false

  constructor(cache: QueryCache, covers: (query: Query) => boolean) {
    this.#cache = cache
    this.#covers = covers
  }

  /** Whether the stream would tell of changes now: to what is there, and to what comes. */
  set(isHealthy: boolean): void {
    this.#isHealthy = isHealthy
    for (const query of this.#covered()) this.#cover(query)
  }

  /**
   * Looks at what comes into the cache. Data may come from elsewhere, a disk or a server's render, and be older than what was
   * told meanwhile: `patternsSince` says what that was, if it is known. Gives the function that ends it.
   */
  watch(patternsSince: (time: number) => string[] | undefined): () => void {
    const judge = (query: Query, asked: number) => {
      const { data, dataUpdatedAt, isInvalidated } = query.state
      const age = Date.now() - dataUpdatedAt
      if (data === undefined || isInvalidated || (!query.askedAt && age >= 0 && age <= JUST_NOW)) return
      const patterns = patternsSince(age < 0 ? 0 : (query.askedAt ?? dataUpdatedAt - asked))
      if (patterns) this.outdateMatching(patterns, query)
      else if (this.#covers(query)) this.#outdate([query])
    }
    const follow = (query: Query) => {
      if (this.#followed.has(query)) return
      if (this.#covers(query)) {
        this.#followed.add(query)
        this.#cover(query)
      }
      judge(query, LONGEST_FETCH)
    }
    this.#cache.getAll().forEach(follow)
    return this.#cache.subscribe((event) => {
      const query = event.query as Query
      // A key without a family may have come first, from a disk for instance, and one with a family only now.
      if (event.type === 'added' || (event.type === 'observerAdded' && this.#covers(query))) follow(query)
      else if (event.type === 'updated') {
        const { action } = event
        // Not longer ago: a cancelled fetch that goes back to what was there is told like this, too.
        if (action.type === 'setState' || (action.type === 'success' && action.manual)) judge(query, 0)
      }
    })
  }

  /** All that the stream covers may have changed. */
  outdateAll(): void {
    this.#outdate(this.#covered())
  }

  /** What has been there since before that time may have changed. */
  outdateOlder(time: number): void {
    this.#outdate(this.#covered().filter(({ state }) => state.data !== undefined && state.dataUpdatedAt < time))
  }

  /** What these patterns match has changed, of all queries or of one. One that cannot be read may mean anything. */
  outdateMatching(patterns: Iterable<string>, only?: Query): void {
    // Each once: a second mark on a fetch that the first has caused would cause another.
    const found = new Set<Query>()
    try {
      for (const pattern of patterns) for (const query of this.#cache.findAll({ pattern })) if (query === (only ?? query)) found.add(query)
    } catch {
      for (const query of only ? [only] : this.#covered()) found.add(query)
    }
    this.#outdate(found)
  }

  /** When the oldest data came that the stream covers; infinite if there is none. */
  oldestDataAt(): number {
    const now = Date.now()
    return this.#covered().reduce((oldest, { state }) => {
      if (state.data === undefined) return oldest
      // Of the future is what another clock says, a server's for instance: then nobody knows.
      return Math.min(oldest, state.dataUpdatedAt > now ? 0 : state.dataUpdatedAt)
    }, Infinity)
  }

  #covered(): Query[] {
    return this.#cache.getAll().filter((query) => this.#covers(query))
  }

  #cover(query: Query): void {
    this.#cache.engine.act(Act.Cover, query.id, this.#isHealthy ? 1 : 0)
  }

  #outdate(queries: Iterable<Query>): void {
    const { engine } = this.#cache
    this.#cache.syncOptions()
    const environment = engine.environment()
    notifyManager.batch(() => {
      for (const query of queries) {
        // What the user does meanwhile may let it go. A listener of theirs that throws must not cost the others their turn.
        if (query.isIn(this.#cache)) run(() => engine.act(Act.Outdate, query.id, 0, environment))
      }
    })
  }
}
