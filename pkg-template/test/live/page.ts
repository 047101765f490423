import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { environmentManager, focusManager, onlineManager, QueryClient, QueryObserver, type QueryKey } from 'samekey'
import { live, type Live, type LiveOptions } from 'samekey/live'
import { soon } from '../soon'
import { StreamServer } from '../streamServer'

/** A page with a client and at most one stream, and the server that it listens to; all are new for each test. */
export class Page {
  server!: StreamServer
  url!: string
  client!: QueryClient
  stream: Live | undefined
  readonly cleanups: Array<() => void> = []

  constructor() {
    // As in a browser: a server render has no use for a stream.
    beforeAll(() => environmentManager.setIsServer(() => false))
    afterAll(() => environmentManager.setIsServer(() => true))
    beforeEach(async () => {
      this.server = new StreamServer()
      this.url = await this.server.start()
      this.client = new QueryClient()
    })
    afterEach(async () => {
      this.stream?.stop()
      for (const cleanup of this.cleanups.splice(0)) cleanup()
      this.client.clear()
      focusManager.setFocused(undefined)
      onlineManager.setOnline(true)
      await this.server.kill()
    })
  }

  /** Connects, and waits until it is open. */
  async connected(options: Partial<LiveOptions> = {}): Promise<Live> {
    const stream = live(this.client, { url: this.url, ...options })
    this.stream = stream
    await soon(() => expect(stream.status).toBe('open'))
    return stream
  }

  /** A query on screen, whose data is how often it was fetched. */
  async watched(queryKey: QueryKey, options: { refetchInterval?: number; staleTime?: number } = {}) {
    const { client } = this
    let count = 0
    const query = {
      /** How often it was asked for. */
      get fetches() {
        return count
      },
      get state() {
        return client.getQueryState(queryKey)!
      },
    }
    const observer = new QueryObserver(client, { queryKey, queryFn: () => Promise.resolve(++count), staleTime: Infinity, ...options })
    this.cleanups.push(observer.subscribe(() => {}))
    await soon(() => expect(query.state.status).toBe('success'))
    return query
  }
}

export { soon }
export const pause = (millis: number) => new Promise((resolve) => setTimeout(resolve, millis))
