/** The image and a Redis that others run: behind TLS, signed by an authority of their own. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { CONFINED, SECRET, ended, image, network, published, run, start, until } from './engine.js'

const compose = readFileSync(join(import.meta.dirname, '../../docker/compose.yaml'), 'utf8')
const REDIS = compose.match(/^\s+image: (redis:\S+)$/m)[1]

/** A certificate for the host `redis`, and the authority that signed it. */
function certificates(t) {
  const folder = mkdtempSync(join(tmpdir(), 'samekey-image-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const openssl = (line) => execFileSync('openssl', line.split(' '), { cwd: folder, stdio: 'pipe' })
  writeFileSync(join(folder, 'names'), 'subjectAltName=DNS:redis\n')
  openssl('req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test-authority -keyout ca.key -out ca.pem')
  openssl('req -newkey rsa:2048 -nodes -subj /CN=redis -keyout server.key -out server.csr')
  openssl('x509 -req -days 2 -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -extfile names -out server.pem')
  chmodSync(folder, 0o755)
  for (const file of ['ca.pem', 'server.pem', 'server.key']) chmodSync(join(folder, file), 0o644)
  return folder
}

test('a node in it reaches a Redis behind TLS, whose authority it is told of, and no other', async (t) => {
  const folder = certificates(t)
  const net = network(t)
  const tls = ['--port', '0', '--tls-port', '6379', '--tls-auth-clients', 'no', '--requirepass', 'hunter2']
  const files = ['--tls-cert-file', '/tls/server.pem', '--tls-key-file', '/tls/server.key', '--tls-ca-cert-file', '/tls/ca.pem']
  start(t, '--network', net, '--network-alias', 'redis', '--volume', `${folder}:/tls:ro`, REDIS, 'redis-server', ...tls, ...files)
  const node = (...options) =>
    start(t, ...CONFINED, '--network', net, '--env', `SAMEKEY_JWT_SECRET=${SECRET}`, '--env', 'REDIS_URL=rediss://:hunter2@redis:6379', ...options, image)
  const told = node('--volume', `${folder}/ca.pem:/run/ca.pem:ro`, '--env', 'REDIS_CA_FILE=/run/ca.pem')
  const stranger = node()

  const health = (id) => ended('exec', id, 'samekey', 'health').out
  await until('a Redis that is trusted', () => health(told) === 'ok (redis)')
  assert.equal(health(stranger), 'degraded (redis)')
  // The public authorities are in the program: of this server's they know nothing, which is another answer than "no TLS".
  const doctor = ended('exec', stranger, 'samekey', 'doctor')
  assert.equal(doctor.code, 2)
})

test('what a killed node owed is carried out by the next one on its volume', async (t) => {
  const net = network(t)
  const volume = `${net}-recovery`
  t.after(() => ended('volume', 'rm', volume))
  const redis = start(t, '--network', net, '--network-alias', 'redis', REDIS, 'redis-server', '--save', '', '--protected-mode', 'no')
  const environment = { SAMEKEY_JWT_SECRET: SECRET, REDIS_URL: 'redis://redis:6379', SAMEKEY_RECOVERY_FILE: '/var/lib/samekey/recovery' }
  const variables = Object.entries(environment).flatMap(([name, value]) => ['--env', `${name}=${value}`])
  const node = () =>
    start(t, ...CONFINED, ...variables, '--network', net, '--publish', '127.0.0.1::8080', '--volume', `${volume}:/var/lib/samekey`, image)
  const well = (id) => ended('exec', id, 'samekey', 'health').out === 'ok (redis)'
  const kept = () => ended('exec', redis, 'redis-cli', 'exists', 'exec:kpis:ws1').out

  const first = node()
  await until('a node that is well', () => well(first))
  run('exec', redis, 'redis-cli', 'set', 'exec:kpis:ws1', '{}', 'ex', '600')
  const token = run('exec', first, 'samekey', 'token', 'test', '--scope', 'cache:invalidate', '--everything')
  run('pause', redis)
  const answer = await fetch(`${published(first, 8080)}/api/v1/cache/invalidate`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ pattern: 'exec:kpis:*' }),
  })
  assert.equal((await answer.json()).code, 'E_STORE_QUEUED')
  run('kill', first)
  run('unpause', redis)
  assert.equal(kept(), '1', 'with the node went what it owed')

  const next = node()
  await until('it is carried out', () => kept() === '0')
  await until('a node that is well', () => well(next))
})
