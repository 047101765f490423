import { afterAll, afterEach, beforeAll, beforeEach, expect, vi } from 'vitest'
import { environmentManager, focusManager, QueryClient, QueryObserver } from 'samekey'
import { live, type Live, type LiveOptions } from 'samekey/live'
import { queryKeys } from 'samekey/shadower'
import { StreamServer } from '../streamServer'
import { soon } from './page'
import { webLocks } from './webLocks'

/** A tab: a page with a client, something on screen, and a stream. */
export interface Tab {
  stream: Live
  client: QueryClient
  page: EventTarget
  errors: string[]
  /** How often what is on screen was fetched. */
  fetches: number
}

/** A browser with tabs, and the server that they listen to; both are new for each test. */
export class Browser {
  server!: StreamServer
  url!: string
  tabs!: Tab[]

  constructor() {
    // As in a browser: a server render has no use for a stream.
    beforeAll(() => environmentManager.setIsServer(() => false))
    afterAll(() => environmentManager.setIsServer(() => true))
    beforeEach(async () => {
      this.server = new StreamServer()
      this.url = await this.server.start()
      this.tabs = []
      vi.stubGlobal('navigator', { locks: webLocks })
    })
    afterEach(async () => {
      for (const tab of this.tabs) {
        tab.stream.stop()
        tab.client.clear()
      }
      focusManager.setFocused(undefined)
      await this.server.kill()
      vi.unstubAllGlobals()
      vi.useRealTimers()
    })
  }

  /** Opens a tab, and does not wait for its stream. */
  async opened(options: Partial<LiveOptions> = {}): Promise<Tab> {
    const client = new QueryClient()
    const page = new EventTarget()
    vi.stubGlobal('addEventListener', page.addEventListener.bind(page))
    vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page))
    const errors: string[] = []
    const stream = live(client, { url: this.url, onError: ({ code }) => errors.push(code), ...options })
    const tab: Tab = { stream, client, page, errors, fetches: 0 }
    this.tabs.push(tab)
    const queryFn = () => Promise.resolve(++tab.fetches as never)
    new QueryObserver(client, { queryKey: queryKeys.kpis('ws1'), queryFn, staleTime: Infinity }).subscribe(() => {})
    await soon(() => expect(tab.fetches).toBe(1))
    return tab
  }

  /** Opens tabs, one after the other, so that the first leads. */
  async openedAndLive(count: number, options: Partial<LiveOptions> = {}): Promise<Tab[]> {
    const all: Tab[] = []
    for (let i = 0; i < count; i++) {
      all.push(await this.opened(options))
      await soon(() => expect(all.at(-1)!.stream.status).toBe('open'))
    }
    return all
  }
}

/** The names of the locks that are held. */
export const names = async () => (await webLocks.query()).held!.map(({ name }) => name!)
export const statuses = (of: Tab[]) => of.map(({ stream }) => stream.status)
