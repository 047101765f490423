/** The Grafana dashboard and the rules against a real Prometheus, which looks at a node that has something to do. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { startDemo, startPrometheus } from './services.js'

const read = (file) => readFileSync(join(import.meta.dirname, '../../docker', file), 'utf8')
const dashboard = JSON.parse(read('grafana/samekey.json'))
/** As long as rates need with a look each second. */
const BUSY_SECONDS = 20

/** The page that listens, until the tests end. */
const page = new AbortController()
/** Where there is nothing, the traffic is at fault or the query. */
const BUSY = ['Hit rate', 'Store', 'Armed nodes', 'Memory of the store', 'Keys in the store', 'Lookups by what answered', 'Computes by family',
  'How long a compute takes', 'Round trips to the store', 'The store by operation', 'Invalidations', 'Streams to browsers']

let demo
let ask

before(async () => {
  demo = await startDemo()
  ask = await startPrometheus(demo)
  await beBusy()
})

after(() => page.abort())

/** What people do: they look at pages, hear what changes, and something happens. */
async function beBusy() {
  const get = async (path) => {
    const answer = await fetch(`${demo}/api/v1/${path}`)
    assert.equal(answer.status, 200, `${path}: ${await answer.clone().text()}`)
    return answer.json()
  }
  const { workspaces } = await get('workspaces')
  const stream = await fetch(`${demo}/api/v1/cache/stream?patterns=exec:*:*:*`, { signal: page.signal })
  assert.equal(stream.status, 200)
  // Read until the end, which is an abort.
  stream.text().catch(() => {})
  for (const end = Date.now() + BUSY_SECONDS * 1000; Date.now() < end; await sleep(200)) {
    for (const { id } of workspaces.slice(0, 5)) {
      for (const period of ['7d', '30d']) await get(`executive/dashboard?workspace_id=${id}&timeframe=${period}`)
      await get(`workspaces/${id}/overview`)
      await get(`executive/kpis?workspace_id=${id}`)
    }
    await fetch(`${demo}/api/v1/demo/simulate`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ workspace_id: workspaces[0].id, kind: 'run' }),
    })
  }
}

/** An expression of the dashboard as Grafana sends it, every job chosen. */
function asked(expression) {
  return expression.replaceAll('$__rate_interval', '15s').replaceAll('$job', '.*')
}

test('promtool has nothing to say about what /metrics tells', async () => {
  const metrics = await (await fetch(`${demo}/metrics`)).text()
  assert.equal(execFileSync('promtool', ['check', 'metrics'], { input: metrics, encoding: 'utf8' }), '')
})

test('every query of every panel has an answer, and the answer is a number', async (t) => {
  const panels = dashboard.panels.filter((panel) => panel.type !== 'row')
  assert.ok(panels.length > 10)
  let queries = 0
  const busy = new Set()
  for (const panel of panels) {
    assert.ok(panel.targets.length > 0, panel.title)
    for (const { expr } of panel.targets) {
      const { result } = await ask(`query?query=${encodeURIComponent(asked(expr))}`)
      assert.ok(result.length > 0, `${panel.title}: nothing answers ${expr}`)
      assert.ok(result.some(({ value }) => Number.isFinite(Number(value[1]))), `${panel.title}: ${expr} is ${result[0].value[1]}`)
      if (result.some(({ value }) => Number(value[1]) > 0)) busy.add(panel.title)
      queries++
    }
  }
  assert.deepEqual(BUSY.filter((title) => !busy.has(title)), [], 'nothing but noughts')
  t.diagnostic(`${panels.length} panels, ${queries} queries`)
})

test('what a legend names is on the answer', async () => {
  for (const { title, targets } of dashboard.panels) {
    for (const { expr, legendFormat = '' } of targets) {
      const { result } = await ask(`query?query=${encodeURIComponent(asked(expr))}`)
      for (const [, label] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) {
        // Of one server there is no name.
        if (label !== 'server') assert.ok(result.every(({ metric }) => metric[label]), `${title}: ${label}`)
      }
    }
  }
})

test('the jobs to choose from are found, and asked for whenever the dashboard is opened', async () => {
  const { query: { query }, refresh, allValue } = dashboard.templating.list.find(({ name }) => name === 'job')
  // Left out, Grafana takes it for "never", and "All" is then nothing.
  assert.deepEqual([refresh, allValue], [2, '.*'])
  const [, series, label] = query.match(/^label_values\((\w+), (\w+)\)$/)
  assert.deepEqual(await ask(`label/${label}/values?match[]=${series}`), ['samekey'])
})

test('the rules are sound, and each comes when it should', () => {
  const folder = join(import.meta.dirname, '../../docker/prometheus')
  const rules = (...args) => execFileSync('promtool', args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' })
  assert.match(rules('check', 'rules', 'alerts.yaml'), /SUCCESS: [1-9]\d* rules/)
  assert.match(rules('test', 'rules', 'alerts.test.yaml'), /SUCCESS/)
  const named = (text) => new Set([...text.matchAll(/alert(?:name)?: (\w+)/g)].map(([, name]) => name))
  assert.deepEqual(named(read('prometheus/alerts.test.yaml')), named(read('prometheus/alerts.yaml')), 'each has a test')
})

test('a node that is well wakes nobody: no alert is even pending', async () => {
  const { groups } = await ask('rules')
  const rules = groups.flatMap((group) => group.rules)
  assert.ok(rules.length > 5)
  for (const { name, health, lastError, alerts } of rules) {
    assert.equal(health, 'ok', `${name}: ${lastError}`)
    assert.deepEqual(alerts, [], name)
  }
})
