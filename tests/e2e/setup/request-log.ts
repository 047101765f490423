import type { Page } from '@playwright/test'

/** Paths that are asked for without anybody's doing: at short intervals, or whenever the stream has to be found again. */
const POLLED = ['/api/v1/metrics/realtime', '/api/v1/cache/stats', '/api/v1/cache/stream']

/** What the page asked the API for. */
export class RequestLog {
  #seen: string[] = []

  constructor(page: Page) {
    page.on('request', (request) => {
      const url = new URL(request.url())
      if (!url.pathname.startsWith('/api/')) return
      if (POLLED.includes(url.pathname)) return
      this.#seen.push(`${request.method()} ${url.pathname}${url.search}`)
    })
  }

  /** Since the last `clear`. */
  get seen(): readonly string[] {
    return this.#seen
  }

  clear() {
    this.#seen = []
  }
}
