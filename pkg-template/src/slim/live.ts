/**
 * Live data without the wasm in it: hand `samekey/live.wasm` over with {@link startLiveWasm} before the first `live`.
 *
 * @packageDocumentation
 */
export * from '../live'
export { startLiveWasm } from '../live/load'
