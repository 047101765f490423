import { wasm } from '../border/load'
import { Core } from '../border/generated/core.js'
import { hashKey } from './hashKey'
import { keyText } from './queryHash'
import { checked } from './samekeyError'

/** Whether `key` begins with `filter`: arrays by prefix and objects by subset, at every depth. */
export function keyMatches(key: ReadonlyArray<unknown>, filter: ReadonlyArray<unknown>): boolean {
  wasm()
  return checked(Core.keyMatches(keyText(key, hashKey(key)), keyText(filter, hashKey(filter)))) === 1
}
