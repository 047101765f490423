'use client'
import { useEffect, useRef, useState, useSyncExternalStore } from 'react'
import type { QueryClient } from '../core/queryClient'
import { useQueryClient } from '../react/QueryClientProvider'
import { live } from './live'
import type { Live, LiveOptions, LiveStatus } from './options'

const never = (): (() => void) => () => {}

/** How a stream stands; renders when that changes. */
export function useLiveStatus(stream: Live | undefined): LiveStatus {
  return useSyncExternalStore(
    stream?.subscribe ?? never,
    () => stream?.status ?? 'stopped',
    () => 'stopped',
  )
}

/**
 * Keeps the provider's client connected to a stream of invalidations while the component is mounted, and says how it
 * stands. Connects anew when the address, a token that is a text or `shareAcrossTabs` changes; functions may be new at each render.
 */
export function useLive(options: LiveOptions & { enabled?: boolean }, queryClient?: QueryClient): LiveStatus {
  const client = useQueryClient(queryClient)
  const latest = useRef(options)
  useEffect(() => {
    latest.current = options
  })
  const [stream, setStream] = useState<Live>()
  const { enabled = true, url, token, shareAcrossTabs } = options
  const address = JSON.stringify([url, typeof token === 'string' ? token : '', shareAcrossTabs])
  useEffect(() => {
    if (!enabled) return undefined
    const { token: given, ...rest } = latest.current
    const connected = live(client, {
      ...rest,
      ...(typeof given === 'function' ? { token: (asked) => newest(latest.current.token, asked) } : given === undefined ? {} : { token: given }),
      onInvalidate: (invalidation) => latest.current.onInvalidate?.(invalidation),
      onError: (error) => latest.current.onError?.(error),
    })
    setStream(connected)
    return () => {
      connected.stop()
    }
  }, [client, enabled, address])
  return useLiveStatus(enabled ? stream : undefined)
}

/** What a token function that may have been replaced meanwhile gives. */
function newest(token: LiveOptions['token'], asked: { renew: boolean }): string | undefined | Promise<string | undefined> {
  return typeof token === 'function' ? token(asked) : token
}
