/**
 * The core without the wasm in it: for those who serve `samekey/core.wasm` as a file of their own, or whose host
 * compiles no bytes at run time. Hand it over with {@link startWasm} before a client is used; and
 * `samekey/fetch.wasm` with {@link startFetchWasm}, if the built-in fetch is.
 *
 * @packageDocumentation
 */
export * from '../core'
export { startWasm } from '../border/load'
export type { WasmSource } from '../border/instantiate'
export { startFetchWasm } from '../core/fetchSettings'
