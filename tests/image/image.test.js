/** The image by itself: what is in it, what it may do, how it ends. */
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test } from 'node:test'
import { CONFINED, SECRET, ended, engine, image, inspect, published, run, start, until } from './engine.js'

/** The program and the C library under it. */
const CEILING = 50_000_000

const node = (t, ...options) =>
  start(t, ...CONFINED, '--env', `SAMEKEY_JWT_SECRET=${SECRET}`, '--publish', '127.0.0.1::8080', ...options, image)

const answers = (url) => fetch(`${url}/health`).then((answer) => answer.ok, () => false)

test('it is small, and holds neither a shell nor a package manager', (t) => {
  const { Size: size, Config: config } = inspect(image)
  t.diagnostic(`${(size / 1e6).toFixed(1)} MB`)
  assert.ok(size < CEILING, `${size} bytes`)
  assert.equal(config.User, '65532:65532')
  for (const program of ['/bin/sh', '/bin/bash', '/usr/bin/apt-get', '/sbin/apk', '/bin/busybox']) {
    const { code, out } = ended('run', '--rm', '--entrypoint', program, image)
    assert.ok([125, 126, 127].includes(code), `${program}: ${code} ${out}`)
  }
})

test('its commands run without a right, and it does not start open to others', () => {
  assert.match(run('run', '--rm', ...CONFINED, image, '--version'), /^samekey \d/)
  const open = ended('run', '--rm', ...CONFINED, image)
  assert.equal(open.code, 2)
  assert.match(open.out, /--jwt-secret/)
})

test('its health check passes, by the engine and by hand', async (t) => {
  const id = node(t)
  assert.equal(run('exec', id, 'samekey', 'health'), 'ok (memory)')
  // Podman leaves it to systemd when the check is made; here it is made.
  if (engine === 'podman') return run('healthcheck', 'run', id)
  await until('healthy', () => inspect(id).State.Health.Status === 'healthy')
})

test('it is at home under any user: it reads and writes nothing of its own', async (t) => {
  const url = published(node(t, '--user', '12345:12345'), 8080)
  await until('an answer', () => answers(url))
})

test('a token that it makes opens its figures, and nothing else does', async (t) => {
  const id = node(t)
  const url = published(id, 8080)
  await until('an answer', () => answers(url))
  assert.equal((await fetch(`${url}/metrics`)).status, 401)
  const token = run('exec', id, 'samekey', 'token', 'prometheus', '--scope', 'cache:read')
  const metrics = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${token}` } })
  assert.match(await metrics.text(), /^samekey_store_available 1$/m)
})

test('it ends by itself before `stop` kills it, with a client that never finishes its request', async (t) => {
  const id = node(t)
  const url = published(id, 8080)
  await until('an answer', () => answers(url))
  const client = connect(Number(new URL(url).port), '127.0.0.1')
  t.after(() => client.destroy())
  client.on('error', () => {})
  client.write('POST /api/v1/events HTTP/1.1\r\nhost: x\r\ncontent-le')
  await until('an answer', () => answers(url))
  const begun = Date.now()
  run('stop', id)
  t.diagnostic(`${((Date.now() - begun) / 1000).toFixed(1)} s`)
  assert.equal(inspect(id).State.ExitCode, 0, 'killed, it would be 137')
})
