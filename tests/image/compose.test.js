/** docker/compose.yaml as it is: Redis with our settings, and a node beside it. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { image, inspect, until } from './engine.js'

const file = join(import.meta.dirname, '../../docker/compose.yaml')
const project = `samekey-test-${process.pid}`
const command = (process.env.SAMEKEY_COMPOSE ?? 'docker compose').split(' ')
const folder = mkdtempSync(join(tmpdir(), 'samekey-compose-'))
const environment = {
  ...process.env,
  REDIS_PASSWORD: randomBytes(24).toString('hex'),
  SAMEKEY_JWT_SECRET: randomBytes(32).toString('hex'),
  SAMEKEY_KEYS_FILE: join(folder, 'keys'),
  SAMEKEY_IMAGE: image,
  SAMEKEY_NETWORK: project,
}

function compose(...args) {
  const [program, ...rest] = [...command, '-p', project, '-f', file, ...args]
  const { status, stdout, stderr } = spawnSync(program, rest, { encoding: 'utf8', env: environment })
  return { code: status, out: stdout.trim(), said: `${stdout}${stderr}` }
}
const samekey = (...args) => compose('exec', '-T', 'samekey', 'samekey', ...args)
const redis = (line) =>
  compose('exec', '-T', 'redis', 'sh', '-c', `REDISCLI_AUTH=$REDIS_PASSWORD redis-cli ${line}`).out
const container = (service) => compose('ps', '-q', service).out.split('\n')[0]

before(async () => {
  writeFileSync(environment.SAMEKEY_KEYS_FILE, `1:${randomBytes(32).toString('hex')}\n`, { mode: 0o400 })
  // As the file says; who is not root lets everybody read a key that nobody uses.
  if (process.getuid() === 0) chownSync(environment.SAMEKEY_KEYS_FILE, 65532, 65532)
  else chmodSync(environment.SAMEKEY_KEYS_FILE, 0o444)
  chmodSync(folder, 0o755)
  const up = compose('up', '-d', '--no-build')
  assert.equal(up.code, 0, up.said)
  await until('a node that is well', () => samekey('health').out === 'ok (redis)')
})

after(() => {
  compose('down', '-v', '--timeout', '1')
  rmSync(folder, { recursive: true })
})

test('both are healthy, by their own checks', async () => {
  for (const service of ['redis', 'samekey']) {
    await until(service, () => inspect(container(service)).State.Health?.Status === 'healthy')
  }
})

test('the doctor has nothing to say about that Redis, and it takes its settings from our file', () => {
  const doctor = samekey('doctor')
  assert.equal(doctor.code, 0, doctor.said)
  assert.match(doctor.out, /nothing to mend/)
  assert.match(redis('config get maxmemory-policy'), /volatile-lfu/)
})

test('neither has a right, a file system to write on, or a port that is open to the outside', () => {
  for (const service of ['redis', 'samekey']) {
    const { HostConfig: host, NetworkSettings: network, Config: config, Mounts: mounts } = inspect(container(service))
    assert.equal(host.ReadonlyRootfs, true, service)
    assert.deepEqual(host.CapDrop, ['ALL'], service)
    assert.ok(!['', '0', 'root'].includes(config.User), service)
    assert.ok(Object.values(network.Ports).every((open) => !open?.length), JSON.stringify(network.Ports))
    const unnamed = mounts.filter(({ Type: type, Name: name }) => type === 'volume' && /^[0-9a-f]{64}$/.test(name))
    assert.deepEqual(unnamed, [], 'a volume that nobody named stays behind')
  }
})

test('a token of the node reads its figures and takes a key away', () => {
  redis("set exec:kpis:ws1 '{}' ex 600")
  const token = samekey('token', 'operator', '--scope', 'cache:read').out
  const stats = samekey('stats', '--json', '--token', token)
  assert.equal(JSON.parse(stats.out).store, 'redis', stats.said)
  const gone = samekey('invalidate', 'exec:kpis:ws1', '--yes')
  assert.equal(gone.code, 0, gone.said)
  assert.equal(redis('exists exec:kpis:ws1'), '0')
})

test('a node stays up, and says so, while Redis is away; it finds it again', async () => {
  compose('stop', 'redis')
  await until('degraded', () => samekey('health').out === 'degraded (redis)')
  assert.equal(samekey('health').code, 0, 'starting it anew would not bring Redis back')
  compose('start', 'redis')
  await until('well again', () => samekey('health').out === 'ok (redis)')
})

test('both end by themselves when they are stopped', () => {
  const ids = ['redis', 'samekey'].map(container)
  const stopped = compose('stop')
  assert.equal(stopped.code, 0, stopped.said)
  assert.deepEqual(ids.map((id) => inspect(id).State.ExitCode), [0, 0], 'killed, it would be 137')
})
