/**
 * Live data in React: `samekey/live`, and its hooks.
 *
 * @packageDocumentation
 */
export * from '.'
export { useLive, useLiveStatus } from './useLive'
