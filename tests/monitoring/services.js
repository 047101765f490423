/** A Redis, the demo and a Prometheus that looks at it each second: real ones, on free ports, gone when the tests end. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

const root = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'samekey-monitoring-'))
const children = []

after(async () => {
  for (const child of children.reverse()) {
    const gone = new Promise((resolve) => child.once('exit', resolve))
    if (child.exitCode === null && child.kill()) await gone
  }
  rmSync(folder, { recursive: true })
})

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}

function start(program, args, env = {}) {
  const child = spawn(program, args, { cwd: folder, env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'pipe'] })
  child.stderr.on('data', (text) => (child.said = `${child.said ?? ''}${text}`.slice(-4000)))
  child.on('error', (error) => (child.said = String(error)))
  children.push(child)
  return child
}

async function ready(url, child) {
  for (const end = Date.now() + 120_000; Date.now() < end; await sleep(200)) {
    if (child.exitCode !== null) break
    if (await fetch(url).then((answer) => answer.ok, () => false)) return
  }
  throw new Error(`${url} does not answer: ${child.said}`)
}

/** The demo on a Redis, with a small history and a warm cache; what it is at. */
export async function startDemo() {
  const [redis, port] = [await freePort(), await freePort()]
  start('redis-server', ['--port', String(redis), '--bind', '127.0.0.1', '--save', '', '--maxmemory-policy', 'volatile-lfu'])
  const args = ['--database', join(folder, 'demo.sqlite'), '--runs', '20000', '--warm', '500', '--port', String(port), '--www', folder]
  const url = `http://127.0.0.1:${port}`
  await ready(`${url}/health`, start(process.env.SAMEKEY_DEMO, args, { REDIS_URL: `redis://127.0.0.1:${redis}` }))
  return url
}

/** A Prometheus with our rules that reads `node` each second; `ask(path)` gives the data of its API's answer. */
export async function startPrometheus(node) {
  const port = await freePort()
  // JSON is YAML.
  writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify({
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [join(root, 'docker/prometheus/alerts.yaml')],
    scrape_configs: [{ job_name: 'samekey', static_configs: [{ targets: [new URL(node).host] }] }],
  }))
  const args = ['--config.file=prometheus.yml', '--storage.tsdb.path=tsdb', `--web.listen-address=127.0.0.1:${port}`, '--log.level=warn']
  const url = `http://127.0.0.1:${port}`
  await ready(`${url}/-/ready`, start('prometheus', args))
  return async function ask(path) {
    const { status, data, error } = await (await fetch(`${url}/api/v1/${path}`)).json()
    if (status !== 'success') throw new Error(`${path}: ${error}`)
    return data
  }
}
