/** What the built-in fetch remembers of the reply that brought some data. */
export interface Reply {
  /** The query that it was for: the same object may be put under another key by hand. */
  readonly queryHash: string
  readonly etag: string | undefined
  readonly bodyHash: number | undefined
  /** Milliseconds that the data was fresh when it came, if the server said so. */
  readonly freshFor: number | undefined
}

// By the data itself: data that comes from elsewhere, from `setQueryData` or a cache on disk, has no reply, and nobody
// has to remember to forget one.
const replies = new WeakMap<object, Reply>()

/** The reply that brought this data for this query. JSON that is no object or array has none. */
export function replyOf(data: unknown, queryHash: string): Reply | undefined {
  const reply = replies.get(data as object)
  return reply?.queryHash === queryHash ? reply : undefined
}

export function noteReply(data: unknown, reply: Reply): void {
  if (typeof data === 'object' && data !== null) replies.set(data, reply)
}

/** `shared`, which stands for `data` from now on: structural sharing keeps what is known of where it came from. */
export function carryReply<TData>(data: TData, shared: TData): TData {
  // What is no object has none.
  const reply = shared === data ? undefined : replies.get(data as object)
  if (reply) noteReply(shared, reply)
  return shared
}
