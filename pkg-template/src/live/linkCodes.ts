import { LinkFaultCode, LinkStatusCode } from '../border/liveWire'
import type { LiveErrorCode } from './liveError'
import type { LiveStatus } from './options'

/** What the link's numbers stand for. */
export const STATUSES: Record<LinkStatusCode, LiveStatus> = {
  [LinkStatusCode.Stopped]: 'stopped',
  [LinkStatusCode.Connecting]: 'connecting',
  [LinkStatusCode.Open]: 'open',
  [LinkStatusCode.Waiting]: 'waiting',
}

export const FAULTS: Record<LinkFaultCode, LiveErrorCode> = {
  [LinkFaultCode.None]: 'E_LIVE_NETWORK',
  [LinkFaultCode.Network]: 'E_LIVE_NETWORK',
  [LinkFaultCode.Silence]: 'E_LIVE_SILENCE',
  [LinkFaultCode.Refused]: 'E_LIVE_REFUSED',
  [LinkFaultCode.NoStream]: 'E_LIVE_NO_STREAM',
  [LinkFaultCode.Unauthorized]: 'E_LIVE_UNAUTHORIZED',
  [LinkFaultCode.Forbidden]: 'E_LIVE_FORBIDDEN',
}
