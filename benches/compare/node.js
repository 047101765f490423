/** The suite in Node, with jsdom for the one case that renders. Prints a row of JSON a line. */
import { JSDOM } from 'jsdom'

const dom = new JSDOM('<!doctype html><html><body></body></html>')
globalThis.window = dom.window
globalThis.document = dom.window.document
Object.defineProperty(globalThis, 'navigator', { value: dom.window.navigator, configurable: true })
const { run } = await import(process.argv[2])
await run((row) => console.log(JSON.stringify(row)), JSON.parse(process.argv[3] ?? '{}'))
process.exit(0)
