import { wasm } from '../border/load'
import { Core } from '../border/generated/core.js'
import { hashKey } from './hashKey'
import { keyText } from './queryHash'
import { checked } from './samekeyError'

/** Whether `key` begins with `filter`: arrays by prefix and objects by subset, at every depth. */
export function keyMatches(key: ReadonlyArray<unknown>, filter: ReadonlyArray<unknown>): boolean {
  return textMatches(keyText(key, hashKey(key)), keyText(filter, hashKey(filter)))
}

/** The same of keys that are texts already (see `keyText`), for those who ask about one key again and again. */
export function textMatches(key: string, filter: string): boolean {
  wasm()
  return checked(Core.keyMatches(key, filter)) === 1
}
