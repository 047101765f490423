/**
 * The core without the wasm in it: for those who serve `samekey/core.wasm` as a file of their own, or whose host
 * compiles no bytes at run time. Hand it over with {@link startWasm} before a client is used.
 *
 * @packageDocumentation
 */
export * from '../core'
export { startWasm, type WasmSource } from '../border/load'
