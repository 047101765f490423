import { liveText } from '../border/generated/liveBytes'
import { LiveLink, initSync } from '../border/generated/live.js'
import { bytesOf, instantiate, type WasmSource } from '../border/instantiate'
import { SamekeyError } from '../core/samekeyError'

let started = false

/** The bytes or the module of `samekey/live.wasm`. Only the slim entry needs it, before the first `live`. */
export function startLiveWasm(source: WasmSource): void {
  if (started) return
  instantiate(initSync, source)
  started = true
}

/** A link that is stopped. `live.wasm` is started at the first. */
export function newLink(onWake: () => void, renews: boolean, shares: boolean): LiveLink {
  if (!started) {
    if (!liveText) throw new SamekeyError('E_LIVE_NOT_STARTED', { meaning: 'call `startLiveWasm` with samekey/live.wasm first' })
    startLiveWasm(bytesOf(liveText))
  }
  // Chance spreads the attempts of many clients.
  return new LiveLink(() => onWake, renews, shares, Math.random() * 2 ** 32)
}
