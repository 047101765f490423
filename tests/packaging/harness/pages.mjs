/** Pages in Chromium: files served from a folder, or a server's own, and what is seen on them. */
import { createServer } from 'node:http'
import { readFile } from 'node:fs/promises'
import { extname, join, normalize } from 'node:path'
import { chromium } from 'playwright-core'
import { changingVersion } from '../modern/shared/stream.mjs'

const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm' }
const FLAGS = [
  '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
]

/** Far longer than it takes: what is late on a busy machine is not wrong. */
const PATIENCE = 120_000

let browser

/** Opens a page and waits until each selector's element says what is `expected` of it. An error on the page fails it, and is told. */
export async function expectOnPage(url, expected) {
  browser ??= await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS, timeout: PATIENCE })
  const page = await browser.newPage()
  const errors = []
  page.on('pageerror', (error) => errors.push(String(error)))
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
  try {
    await page.goto(url, { timeout: PATIENCE })
    for (const [selector, text] of Object.entries(expected)) {
      await page
        .waitForFunction(([where, what]) => document.querySelector(where)?.textContent === what, [selector, text], { timeout: PATIENCE })
        .catch(async () => {
          const seen = await page.locator(selector).allTextContents()
          throw new Error(`${selector} should say ${JSON.stringify(text)}, says ${JSON.stringify(seen)}\n${errors.join('\n')}`)
        })
    }
    const unexpected = errors.filter((text) => !/favicon|404 \(Not Found\)/.test(text))
    return unexpected
  } finally {
    await page.close()
  }
}

/** As `expectOnPage`, and nothing was written to the console as an error. */
export async function expectCleanPage(url, expected) {
  const errors = await expectOnPage(url, expected)
  if (errors.length) throw new Error(`the page wrote errors:\n${errors.join('\n')}`)
}

/** Serves a folder, and a stream beside it, while `use(url)` runs; `headers` go with every file (a CSP). */
export async function withFiles(folder, headers, use) {
  const answer = changingVersion()
  const server = createServer(async (request, response) => {
    if (answer(request, response)) return
    const path = normalize(decodeURIComponent(new URL(request.url, 'http://x').pathname)).replace(/\/$/, '/index.html')
    try {
      const body = await readFile(join(folder, path))
      response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream', ...headers }).end(body)
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    return await use(`http://127.0.0.1:${server.address().port}`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

export async function closeBrowser() {
  await browser?.close()
}
