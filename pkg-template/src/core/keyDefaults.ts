import { textMatches } from './keyMatches'
import { hashOf, keyText } from './queryHash'
import type { QueryKey } from './types'

interface Entry<T> {
  text: string
  options: T
}

const NONE = Object.freeze({})

/** Options by key prefix: all prefixes that match a key give theirs, later ones over earlier ones. */
export class KeyDefaults<T extends object> {
  readonly #entries = new Map<string, Entry<T>>()
  /** What was found for a key, by its hash: renders ask again and again. */
  readonly #found = new Map<string, T>()

  get size(): number {
    return this.#entries.size
  }

  set(key: QueryKey, options: T): void {
    const hash = hashOf(key)
    this.#entries.set(hash, { text: keyText(key, hash), options })
    this.#found.clear()
  }

  get(key: QueryKey): T {
    if (this.#entries.size === 0) return NONE as T
    const hash = hashOf(key)
    let found = this.#found.get(hash)
    if (!found) {
      found = this.#match(keyText(key, hash))
      if (this.#found.size > 10_000) this.#found.clear()
      this.#found.set(hash, found)
    }
    return found
  }

  #match(key: string): T {
    const result = {} as T
    for (const { text, options } of this.#entries.values()) {
      if (textMatches(key, text)) Object.assign(result, options)
    }
    return result
  }
}
