import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { Browser } from '../setup/browser'
import { withPage } from '../setup/pages'

let browser: Browser

beforeAll(async () => {
  browser = await Browser.start()
})

afterAll(async () => {
  await browser?.stop()
})

afterEach(async () => {
  await browser.closeViews()
})

/** A cache that says what it holds, or why it cannot. */
const CACHE = `
  globalThis.process = { env: {} }
  const { QueryClient } = await import('/dist/core.js')
  const output = document.querySelector('output')
  try {
    const client = new QueryClient()
    await client.fetchQuery({ queryKey: ['greeting', { to: 'Zoë 🦊' }], queryFn: async () => 'hello' })
    output.textContent = client.getQueryData(['greeting', { to: 'Zoë 🦊' }])
  } catch (error) {
    output.textContent = error.code
  }`

const SLIM = `
  globalThis.process = { env: {} }
  const { QueryClient, startWasm } = await import('/dist/slim/core.js')
  startWasm(await WebAssembly.compileStreaming(fetch('/dist/core.wasm')))
  new QueryClient().setQueryData(['greeting'], 'hello')
  document.querySelector('output').textContent = 'streamed'`

async function expectOutput(module: string, headers: Record<string, string>, said: string): Promise<void> {
  await withPage(module, headers, async (url) => {
    const view = await browser.open()
    await view.goto(url)
    await expect.poll(() => view.text('output')).toBe(said)
  })
}

const policy = (sources: string) => ({ 'content-security-policy': `script-src ${sources}` })

test('the package runs unbundled, its wasm inlined', () => expectOutput(CACHE, {}, 'hello'))

test('the slim entry compiles the wasm as it is downloaded', () => expectOutput(SLIM, {}, 'streamed'))

test('a content security policy that forbids wasm is named in the error', () => expectOutput(CACHE, policy("'self'"), 'E_WASM_CSP'))

test('one that allows wasm alone is enough', () => expectOutput(CACHE, policy("'self' 'wasm-unsafe-eval'"), 'hello'))
