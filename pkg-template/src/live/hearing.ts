import { LinkAct } from '../border/liveWire'
import type { Coverage } from './coverage'
import { readInvalidation } from './frames'
import { Memory } from './memory'
import type { LiveOptions } from './options'
import { run } from './run'
import type { Frame } from './tabs'

/** Tells the link, and gives the `LinkSteps` that were taken. */
export type Tell = (act: LinkAct, detail?: number, extra?: number) => number

/** A frame of which nobody knows what it says. */
const UNKNOWN: Frame = { id: undefined, event: 'invalidate', data: '' }

/** What is heard of the stream, from the server or from the tab that leads: how far it has come, and what it says has changed. */
export class Hearing {
  readonly memory = new Memory()
  /** Where the stream is resumed, and where it would be if all that was seen were believed. */
  lastEventId: string | undefined
  #seenId: string | undefined
  readonly #gathered = new Set<string>()
  readonly #coverage: Coverage
  readonly #tell: Tell
  readonly #onInvalidate: LiveOptions['onInvalidate']

  constructor(coverage: Coverage, tell: Tell, onInvalidate: LiveOptions['onInvalidate']) {
    this.#coverage = coverage
    this.#tell = tell
    this.#onInvalidate = onInvalidate
  }

  /** From here on everything is heard, and all of it that was told since `reach`. */
  begin(id: string | undefined, reach: number): void {
    this.see(id)
    this.memory.begin(reach)
    // A place that one may ask to be told from.
    this.memory.add({ id, event: 'beat', data: '' })
  }

  /**
   * All that was told since `reach` is heard by now, so that is as far back as data may go. What we asked for goes no further;
   * but data that is older may have come from a disk meanwhile.
   */
  caughtUp(reach: number): void {
    run(() => this.#coverage.outdateOlder(reach))
  }

  /** The patterns that were told since then; `undefined` where that is not known. */
  readonly patternsSince = (time: number): string[] | undefined => {
    // Nothing was heard yet: we will ask how far the data goes back.
    if (!this.lastEventId) return []
    const found: string[] = []
    for (const { id, event, data } of this.memory.missed(undefined, time) ?? [UNKNOWN]) {
      if (event !== 'invalidate') continue
      const invalidation = readInvalidation(id, data)
      if (!invalidation) return undefined
      found.push(...invalidation.patterns)
    }
    return found
  }

  /** A frame's id, which becomes ours when the link says so. */
  see(id: string | undefined): void {
    if (id) this.#seenId = id
  }

  /** The last that was seen. */
  get seenId(): string | undefined {
    return this.#seenId
  }

  adopt(): void {
    this.lastEventId = this.#seenId
  }

  take(frame: Frame): void {
    const { id, event, data } = frame
    if (event === 'reset') {
      this.begin(id, Date.now())
      this.#tell(LinkAct.Reset)
      return
    }
    this.see(id)
    this.memory.add(frame)
    if (event === 'beat') this.#tell(LinkAct.MovedOn)
    if (event !== 'invalidate') return
    const invalidation = readInvalidation(id, data)
    if (!invalidation) {
      // Something has changed, and we cannot read what.
      this.#tell(LinkAct.Reset)
      return
    }
    for (const pattern of invalidation.patterns) this.#gathered.add(pattern)
    this.#tell(LinkAct.Invalidated)
    run(() => this.#onInvalidate?.(invalidation))
  }

  /** All that the stream covers may have changed. */
  reset(): void {
    this.#gathered.clear()
    run(() => this.#coverage.outdateAll())
  }

  /** What was gathered has changed. */
  apply(): void {
    const patterns = [...this.#gathered]
    this.#gathered.clear()
    run(() => this.#coverage.outdateMatching(patterns))
  }
}
