/** Commands of the apps: run to the end, or kept running until a check is over. */
import { spawn } from 'node:child_process'
import { freePort } from '../../../scripts/tests/free-port.js'

const quiet = { NEXT_TELEMETRY_DISABLED: '1', NEXT_IGNORE_INCORRECT_LOCKFILE: '1', NO_COLOR: '1', FORCE_COLOR: '0' }
const env = (more = {}) => {
  // `NODE_ENV=test` of a caller would make Next build a test page.
  const { NODE_ENV: _ours, ...rest } = process.env
  return { ...rest, ...quiet, ...more }
}

/** Runs to the end; rejects with all that was printed unless it ended well. */
export function run(command, args, { cwd, timeout = 900_000, extra } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: env(extra), stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text))
    const timer = setTimeout(() => child.kill('SIGKILL'), timeout)
    child.on('error', reject)
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      if (code === 0) resolve(output)
      else reject(new Error(`${command} ${args.join(' ')} ended with ${signal ?? code}\n${output}`))
    })
  })
}

/** Starts a server on a free port, waits until it answers, calls `use(url)`, and stops it and its children. */
export async function withServer(command, argsFor, { cwd, timeout = 180_000 }, use) {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const child = spawn(command, argsFor(String(port)), { cwd, env: env(), stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  let output = ''
  let ended = false
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text))
  const over = new Promise((resolve) => child.on('close', () => resolve((ended = true))))
  try {
    const deadline = Date.now() + timeout
    while (!(await answers(url))) {
      if (ended || Date.now() > deadline) throw new Error(`${command} did not answer at ${url}\n${output}`)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    return await use(url)
  } catch (error) {
    throw new Error(`${error.message}\nthe server said:\n${output}`, { cause: error })
  } finally {
    // The whole group: npx and Next start children of their own.
    if (!ended) process.kill(-child.pid, 'SIGTERM')
    const killer = setTimeout(() => ended || process.kill(-child.pid, 'SIGKILL'), 5_000)
    await over
    clearTimeout(killer)
  }
}

async function answers(url) {
  try {
    await (await fetch(url)).arrayBuffer()
    return true
  } catch {
    return false
  }
}
