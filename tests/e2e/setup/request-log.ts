import type { Page } from '@playwright/test'

/** Paths that ask again by themselves at short intervals; tests about other requests leave them out. */
const POLLED = ['/api/v1/metrics/realtime', '/api/v1/cache/stats']

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
