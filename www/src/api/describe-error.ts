/** An error as a person should read it: what happened, and what to do about it. */
export interface ErrorText {
  title: string
  advice: string
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('status' in error)) return undefined
  return typeof error.status === 'number' && error.status > 0 ? error.status : undefined
}

/** Whether asking again can only fail again: the server understood, and refused. */
export function isRefusal(error: unknown): boolean {
  const status = statusOf(error)
  return status !== undefined && status >= 400 && status < 500 && status !== 408 && status !== 429
}

function messageOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'body' in error) {
    const body = error.body
    if (typeof body === 'object' && body !== null && 'message' in body && typeof body.message === 'string') return body.message
  }
  return error instanceof Error ? error.message : String(error)
}

/** Reads any error, ours or the built-in fetch's, by what it carries: an HTTP status, or none when no answer came. */
export function describeError(error: unknown): ErrorText {
  const status = statusOf(error)
  if (status === undefined) {
    return {
      title: 'The server cannot be reached',
      advice: 'Check that the demo server is running. This page asks again every ten seconds and heals by itself.',
    }
  }
  if (status < 400) return { title: 'The server’s answer cannot be read', advice: `${messageOf(error)}. Reload the page: it may be older than the server.` }
  if (status === 404) return { title: 'Nothing is known under this address', advice: `${messageOf(error)}. Choose another from the list.` }
  if (status === 429) return { title: 'Too many requests', advice: 'Wait a moment, then try again.' }
  if (status >= 500) {
    return { title: `The server failed (${status})`, advice: `${messageOf(error)}. Its log has the details; try again in a moment.` }
  }
  return { title: `The server refused the request (${status})`, advice: messageOf(error) }
}
