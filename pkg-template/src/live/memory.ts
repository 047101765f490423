import type { Frame } from './tabs'

/** Who has missed more frames starts over. */
const LIMIT = 1_000

/** What the stream has told lately, for tabs that have missed it. */
export class Memory {
  #heard: Array<{ frame: Frame; at: number }> = []
  /** Whatever was told since then is here. */
  #reach = Infinity

  /** Forgets everything: what was told before `reach` is not known. */
  begin(reach: number): void {
    this.#heard = []
    this.#reach = reach
  }

  add(frame: Frame): void {
    this.#heard.push({ frame, at: Date.now() })
    if (this.#heard.length > LIMIT) this.#reach = this.#heard.shift()!.at + 1
  }

  /**
   * What came behind this id; or, for a tab that has none yet, since that time: what happened then was heard then or later.
   * `undefined` where that is not known.
   */
  missed(last: string | undefined, since: number): Frame[] | undefined {
    const frames = this.#heard.map(({ frame }) => frame)
    if (last === undefined) return since < this.#reach ? undefined : frames.filter((_, i) => this.#heard[i]!.at >= since)
    const place = frames.map(({ id }) => id).lastIndexOf(last)
    return place < 0 ? undefined : frames.slice(place + 1)
  }
}
