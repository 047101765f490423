import { expect, type Page, type Request } from '@playwright/test'

/** Paths that are asked for without anybody's doing: at short intervals, or whenever the stream has to be found again. */
const POLLED = ['/api/v1/metrics/realtime', '/api/v1/cache/stats', '/api/v1/cache/stream']

/** What the page asked the API for. */
export class RequestLog {
  #seen: string[] = []
  readonly #open = new Set<Request>()

  constructor(page: Page) {
    page.on('request', (request) => {
      const url = new URL(request.url())
      if (!url.pathname.startsWith('/api/')) return
      if (POLLED.includes(url.pathname)) return
      this.#seen.push(`${request.method()} ${url.pathname}${url.search}`)
      this.#open.add(request)
    })
    for (const end of ['requestfinished', 'requestfailed'] as const) {
      page.on(end as 'requestfinished', (request) => void this.#open.delete(request))
    }
  }

  /** Since the last `clear`. */
  get seen(): readonly string[] {
    return this.#seen
  }

  clear() {
    this.#seen = []
  }

  /** Waits until all that was asked for has been answered, or given up. */
  async areAnswered(): Promise<void> {
    await expect.poll(() => this.#open.size).toBe(0)
  }
}
