import { fetchText } from '../border/generated/fetchBytes'
import { initSync, JsonRequest } from '../border/generated/fetch.js'
import { bytesOf, instantiate } from '../border/instantiate'
import { ownFetchWasm } from '../core/fetchSettings'
import { SamekeyError } from '../core/samekeyError'

let started = false

/** `JsonRequest` of `fetch.wasm`, which is started at its first use. */
export function requestClass(): typeof JsonRequest {
  if (!started) {
    const source = ownFetchWasm() ?? (fetchText ? bytesOf(fetchText) : undefined)
    if (!source) throw new SamekeyError('E_FETCH_NOT_STARTED')
    instantiate(initSync, source)
    started = true
  }
  return JsonRequest
}
