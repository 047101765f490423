#!/usr/bin/env node
/** Runs everything side by side with TanStack Query and writes benches/RESULTS.md. `--quick` leaves out 100,000. */
import { execFileSync, spawn } from 'node:child_process'
import { createServer } from 'node:http'
import { cpus } from 'node:os'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { brotliCompressSync } from 'node:zlib'
import { build } from 'esbuild'
import { chromium } from 'playwright-core'
import { median } from './clock.js'
import { report } from './report.js'

const here = import.meta.dirname
const out = join(here, 'dist')
const options = process.argv.includes('--quick') ? { sizes: [1_000, 10_000] } : {}
const CHROMIUM = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--js-flags=--expose-gc', '--enable-precise-memory-info']

const bundle = (contents, name, platform = 'browser') =>
  build({
    stdin: { contents, resolveDir: here },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    platform,
    define: { 'process.env.NODE_ENV': '"production"' },
    outfile: join(out, `${name}.js`),
    logLevel: 'error',
  })

const say = (text) => process.stderr.write(`${text}\n`)

mkdirSync(out, { recursive: true })
await bundle(`export * from './suite.js'; export { libraries } from './libraries.js'`, 'suite')
await bundle(`export { QueryClient } from 'samekey/react'`, 'startup-samekey')
await bundle(`export { QueryClient } from '@tanstack/react-query'`, 'startup-tanstack')

const results = { machine: `${cpus().length} × ${cpus()[0].model.trim()}`, node: process.version, hosts: {} }
results.bytes = await bytes()
say('Node')
results.hosts.Node = await inNode()
results.heap = [0, 1].map((index) => lastLine('node', ['--expose-gc', join(here, 'heap.js'), join(out, 'suite.js'), String(index)]))
results.startup = { Node: startupInNode() }
say('Chromium')
const { rows, version, startup } = await inChromium()
results.hosts.Chromium = rows
results.chromium = version
results.startup.Chromium = startup
writeFileSync(join(here, '..', 'RESULTS.md'), report(results))
say('written: benches/RESULTS.md')

function lastLine(command, args) {
  return JSON.parse(execFileSync(command, args).toString().trim().split('\n').at(-1))
}

function progress(row) {
  say(`  ${row.name.padEnd(62)} ${(row.tanstack / row.samekey).toFixed(1)}×`)
}

async function inNode() {
  const rows = []
  const child = spawn('node', [join(here, 'node.js'), join(out, 'suite.js'), JSON.stringify(options)], { stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const line of createInterface(child.stdout)) {
    rows.push(JSON.parse(line))
    progress(rows.at(-1))
  }
  if (child.exitCode) throw new Error('the benchmark failed in Node')
  return rows
}

function startupInNode() {
  const samples = { samekey: [], tanstack: [] }
  for (let i = 0; i < 15; i++) {
    for (const name of Object.keys(samples)) {
      samples[name].push(lastLine('node', [join(here, 'startup.js'), join(out, `startup-${name}.js`)]))
    }
  }
  return [median(samples.samekey), median(samples.tanstack)]
}

async function inChromium() {
  const server = createServer((request, response) => {
    // Isolated, a page gets a clock of 5 µs instead of 100.
    response.setHeader('Cross-Origin-Opener-Policy', 'same-origin')
    response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp')
    if (request.url === '/') return response.setHeader('Content-Type', 'text/html').end('<!doctype html><title>bench</title>')
    if (request.url === '/favicon.ico') return response.writeHead(404).end()
    response.setHeader('Content-Type', 'text/javascript').end(readFileSync(join(out, request.url.slice(1))))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${server.address().port}/`
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: CHROMIUM })
  try {
    const page = await browser.newPage()
    page.on('pageerror', (error) => say(String(error)))
    await page.goto(url)
    const rows = []
    await page.exposeFunction('report', (row) => {
      rows.push(row)
      progress(row)
    })
    await page.evaluate(async (options) => {
      const { run } = await import('/suite.js')
      await run((row) => globalThis.report(row), options)
    }, options)
    const samples = { samekey: [], tanstack: [] }
    for (let i = 0; i < 15; i++) {
      for (const name of Object.keys(samples)) {
        const context = await browser.newContext()
        const fresh = await context.newPage()
        await fresh.goto(url)
        samples[name].push(
          await fresh.evaluate(async (name) => {
            const begin = performance.now()
            const { QueryClient } = await import(`/startup-${name}.js`)
            const client = new QueryClient()
            client.setQueryData(['first'], 1)
            return performance.now() - begin
          }, name),
        )
        await context.close()
      }
    }
    return { rows, version: browser.version(), startup: [median(samples.samekey), median(samples.tanstack)] }
  } finally {
    await browser.close()
    server.close()
  }
}

/** Minified and compressed with brotli 11, React left out. */
async function bytes() {
  const size = async (contents) => {
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: here },
      bundle: true,
      minify: true,
      format: 'esm',
      target: 'es2022',
      external: ['react', 'react-dom', 'react/jsx-runtime'],
      define: { 'process.env.NODE_ENV': '"production"' },
      write: false,
      logLevel: 'error',
    })
    return brotliCompressSync(outputFiles[0].contents).length
  }
  const minimal = (from) => `export { useQuery, QueryClient, QueryClientProvider } from '${from}'`
  const full = (from) => `export * from '${from}'`
  return [
    { name: 'minimal: useQuery, QueryClient, QueryClientProvider', samekey: await size(minimal('samekey/react')), tanstack: await size(minimal('@tanstack/react-query')) },
    { name: 'everything', samekey: await size(full('samekey/react')), tanstack: await size(full('@tanstack/react-query')) },
  ]
}
