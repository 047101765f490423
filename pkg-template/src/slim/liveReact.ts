/**
 * Live data in React without the wasm in it.
 *
 * @packageDocumentation
 */
export * from './live'
export { useLive, useLiveStatus } from '../live/useLive'
