import type { WasmSource } from '../border/instantiate'

/** How the built-in fetch asks. */
export interface FetchSettings {
  /** What stands before each endpoint, such as `https://api.example.com`. Without it, the page's own origin is asked. */
  baseUrl?: string
  /** Headers to send, or a function that gives them for each request. */
  headers?: HeadersInit | (() => HeadersInit | Promise<HeadersInit>)
  /** Milliseconds after which a request is given up; `Infinity` waits for ever. @default 30000 */
  timeout?: number
  /** Whether cookies go to another origin too. @default false */
  includeCredentials?: boolean
}

// Apart from the fetch itself, which is downloaded when it is first used: what is said here waits for it.
let settings: FetchSettings = {}
let ownWasm: WasmSource | undefined

/** Says how the built-in fetch asks, in place of all that was said before. It holds for the requests that follow. */
export function configureFetch(next: FetchSettings): void {
  settings = { ...next }
}

/** What was said last. */
export function fetchSettings(): FetchSettings {
  return settings
}

/** The bytes or the module of `samekey/fetch.wasm`. Only the slim entry needs it, before the first built-in fetch. */
export function startFetchWasm(source: WasmSource): void {
  ownWasm = source
}

/** What `startFetchWasm` was given. */
export function ownFetchWasm(): WasmSource | undefined {
  return ownWasm
}
