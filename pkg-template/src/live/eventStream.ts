import { createParser, type EventSourceMessage } from 'eventsource-parser'

/** A frame that is longer (characters) is no frame of ours, and must not fill the memory. */
const LONGEST_FRAME = 1 << 20

/** What is told of one connection, in this order. */
export interface EventStreamHost {
  /** The answer came; `restFor` is how long the server wants to be left alone (ms), if it says so. */
  onAnswer(status: number, isStream: boolean, restFor: number): void
  /** Bytes came. */
  onBytes(): void
  onFrame(frame: EventSourceMessage): void
  /** The server's wish for the time before a new attempt (ms). */
  onRetry(millis: number): void
}

/** Reads a stream of server-sent events to its end. Rejects when it cannot be got, breaks, or is aborted. */
export async function readEventStream(url: string, init: RequestInit, host: EventStreamHost): Promise<void> {
  const response = await fetch(url, { ...init, cache: 'no-store' })
  const type = response.headers.get('Content-Type') ?? ''
  const isStream = response.status === 200 && response.body !== null && /^text\/event-stream\b/i.test(type)
  host.onAnswer(response.status, isStream, restOf(response.headers.get('Retry-After')))
  if (!isStream) {
    await response.body?.cancel()
    return
  }
  const reader = response.body.getReader()
  const decoder = new TextDecoder()
  const parser = createParser({
    onEvent: (frame) => host.onFrame(frame),
    onRetry: (millis) => host.onRetry(millis),
    onError: (error) => {
      // A field that it does not know is to be ignored, as the specification of event streams says.
      if (error.type === 'max-buffer-size-exceeded') throw error
    },
    maxBufferSize: LONGEST_FRAME,
  })
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    host.onBytes()
    parser.feed(decoder.decode(value, { stream: true }))
  }
}

/** The seconds of a `Retry-After` as milliseconds; one that is a date is not worth its bytes. */
function restOf(header: string | null): number {
  return header === null ? NaN : Number(header) * 1000
}
