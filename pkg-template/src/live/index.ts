/**
 * Live data: a stream of invalidations from the server.
 *
 * @packageDocumentation
 */
export { live } from './live'
export { LiveError, type LiveErrorCode, type LiveProblem } from './liveError'
export type { Live, LiveInvalidation, LiveOptions, LiveStatus } from './options'
