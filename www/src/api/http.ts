/** What the server says when it refuses: a stable code for programs, a message for people. */
export interface Problem {
  code?: string
  message?: string
  field?: string
}

/** An answer outside 200–299, with the problem the server sent along if it sent one. */
export class HttpError extends Error {
  readonly status: number
  readonly body: Problem | null

  constructor(status: number, body: Problem | null) {
    super(body?.message ?? `The server answered ${status}`)
    this.name = 'HttpError'
    this.status = status
    this.body = body
  }
}

async function read<T>(response: Response): Promise<T> {
  const body: unknown = await response.json().catch(() => null)
  if (!response.ok) throw new HttpError(response.status, body as Problem | null)
  return body as T
}

/** GET for the few routes that are not families of the schema (lists and statistics). */
export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  // no-store: a second cache underneath would answer a refetch with what was just invalidated.
  return read<T>(await fetch(path, { headers: { accept: 'application/json' }, signal: signal ?? null, cache: 'no-store' }))
}

/** POST of a JSON body. */
export async function postJson<T>(path: string, body: unknown): Promise<T> {
  return read<T>(
    await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(body),
    }),
  )
}
