import { once } from 'node:events'
import { createServer } from 'node:net'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { isOpen } from '../support/is-open.ts'
import { listenOnLoopback } from '../support/loopback-server.ts'
import { type Machine, startMachine } from '../support/machine.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

vi.setConfig({ testTimeout: 60_000 })

let database: TestDatabase
let env: Readonly<Record<string, string>>
beforeEach(async () => {
  database = await createTestDatabase()
  env = { DATABASE_URL: database.url, DRAIN_DELAY_MS: '0' }
})
afterEach(() => database.drop())

const eventsOf = (machine: Machine) => machine.lines.map(({ event }) => event)

async function expectNothingLeft(machine: Machine): Promise<void> {
  await machine.allEnded()
  expect([machine.strayLines, await isOpen(machine.port)]).toEqual([[], false])
}

async function expectQuietEnd(machine: Machine): Promise<void> {
  await expectNothingLeft(machine)
  expect(machine.stderr()).toBe('')
}

describe('the supervisor', () => {
  it('ends with the code of a Node that was killed, and leaves no nginx behind', async () => {
    await using machine = await startMachine({ env })
    await machine.opened()
    process.kill(await machine.processOf('node'), 'SIGKILL')
    expect(await machine.exitCode()).toBe(128 + 9)
    expect(eventsOf(machine)).toContain('node_exited')
    await expectNothingLeft(machine)
  })

  it('lets Node close in order and ends with 1 when nginx is killed', async () => {
    await using machine = await startMachine({ env })
    await machine.opened()
    process.kill(await machine.processOf('nginx master'), 'SIGKILL')
    expect(await machine.exitCode()).toBe(1)
    expect(eventsOf(machine)).toEqual(expect.arrayContaining(['nginx_exited', 'service_draining', 'service_stopped']))
    await expectNothingLeft(machine)
  })

  it('ends with 1 when nginx can not start, and leaves the reason on stderr', async () => {
    const port = await freePort()
    const inTheWay = createServer().listen(port)
    await once(inTheWay, 'listening')
    try {
      await using machine = await startMachine({ env, port })
      expect(await machine.exitCode()).toBe(1)
      expect(machine.stderr()).toContain(`bind() to 0.0.0.0:${port} failed (98: Address already in use)`)
      expect(eventsOf(machine)).toEqual(expect.arrayContaining(['service_ready', 'nginx_exited', 'service_stopped']))
      await machine.allEnded()
    } finally {
      inTheWay.close()
    }
  })

  it.for([
    ['METRICS_PORT', 'many', 'configuration: METRICS_PORT is not a whole number from 0 to 65535\n'],
    ['STARTUP_DEADLINE_MS', '5s', 'configuration: STARTUP_DEADLINE_MS is not a whole number\n'],
    [
      'SOCKET_PATH',
      '/nowhere/node.sock',
      /^configuration: SOCKET_PATH \(\/nowhere\/node\.sock\) is not in a directory that user \d+ may write to\n$/,
    ],
  ] as const)('ends with 2 and starts no nginx when %s is %s', async ([name, value, complaint]) => {
    // A start of nginx would complain of its configuration.
    await using machine = await startMachine({ env: { ...env, NGINX_CONF: '/nowhere/nginx.conf', [name]: value } })
    expect(await machine.exitCode()).toBe(2)
    expect(machine.stderr()).toMatch(complaint)
    expect(machine.stderr().split('\n')).toHaveLength(2)
    await machine.allEnded()
  })

  it.for(['SIGINT', 'SIGTERM'] as const)('takes a second %s as a wish to hurry', async (signal) => {
    await using machine = await startMachine({ env: { ...env, DRAIN_DELAY_MS: '240000' } })
    await machine.opened()
    machine.signal(signal)
    await machine.logged('service_draining')
    machine.signal(signal)
    expect(await machine.exitCode()).toBe(0)
    await expectQuietEnd(machine)
  })

  it('stops a Node that is not ready yet, and never opens the port', async () => {
    const hangingPostgres = await listenOnLoopback(createServer())
    const url = `postgres://medio@127.0.0.1:${hangingPostgres.port}/medio`
    try {
      await using machine = await startMachine({
        env: { ...env, DATABASE_URL: url, NGINX_CONF: '/nowhere/nginx.conf' },
      })
      await machine.logged('service_starting')
      machine.signal('SIGINT')
      expect(await machine.exitCode()).toBe(0)
      expect(eventsOf(machine)).not.toContain('nginx_exited')
      await expectQuietEnd(machine)
    } finally {
      await hangingPostgres.close()
    }
  })

  it('opens the port for a Node that never says that it is ready, when the time for it is over', async () => {
    const server = `import { createServer } from 'node:http'
      createServer((_, response) => response.end('never ready')).listen(process.env.SOCKET_PATH)
      process.on('SIGINT', () => process.exit())`
    const begunMs = performance.now()
    const standIns = { 'server.js': server }
    await using machine = await startMachine({ env: { ...env, STARTUP_DEADLINE_MS: '1' }, standIns })
    await machine.opened()
    expect(performance.now() - begunMs).toBeGreaterThan(5_000)
    expect(await (await fetch(machine.origin)).text()).toBe('never ready')
    machine.signal('SIGINT')
    expect(await machine.exitCode()).toBe(0)
    await expectQuietEnd(machine)
  })
})

describe('the watch over the event loop', () => {
  /** On SIGHUP the event loop turns no more. */
  const blocker = `data:text/javascript,${encodeURIComponent("process.on('SIGHUP', () => { for (;;); })")}`
  const watchEnv = { SUPERVISE_LIVE_INTERVAL_S: '1', SUPERVISE_LIVE_FAILURES: '2', NODE_OPTIONS: `--import=${blocker}` }

  async function startIsRecorded(): Promise<boolean> {
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    const { rowCount } = await client.query(`select from machine_events where kind = 'ready'`)
    await client.end()
    return rowCount === 1
  }

  it.for([
    ['blocked', 'SIGHUP'],
    ['stopped', 'SIGSTOP'],
  ] as const)('ends a machine with 70 whose Node is %s for long', async ([, signal]) => {
    await using machine = await startMachine({ env: { ...env, ...watchEnv } })
    // A Node that is stuck within a transaction would keep the locks that the record of its restart needs.
    await vi.waitUntil(startIsRecorded, { timeout: 20_000 })
    process.kill(await machine.processOf('node'), signal)
    expect(await machine.logged('self_restart')).toMatchObject({ level: 'error', code: 'event_loop_blocked' })
    expect(await machine.logged('machine_restarting')).toMatchObject({ level: 'fatal' })
    expect(await machine.exitCode()).toBe(70)
    await expectNothingLeft(machine)
  })

  it('leaves a machine up that may not restart itself', async () => {
    await using machine = await startMachine({ env: { ...env, ...watchEnv, HEALING_ENABLED: 'false' } })
    await machine.opened()
    const node = await machine.processOf('node')
    process.kill(node, 'SIGSTOP')
    await machine.logged('self_restart_refused')
    process.kill(node, 'SIGCONT')
    expect((await fetch(`${machine.origin}/api/health/live`)).status).toBe(200)
    machine.signal('SIGTERM')
    expect(await machine.exitCode()).toBe(0)
    await expectQuietEnd(machine)
  })

  it('takes a Node for alive that answers, if with errors', async () => {
    const server = `import { createServer } from 'node:http'
      import { writeSync } from 'node:fs'
      let asked = 0
      const server = createServer((_, response) => {
        asked += 1
        if (asked === 5) writeSync(1, '{"event":"asked_often"}\\n')
        response.writeHead(503).end()
      })
      server.listen(process.env.SOCKET_PATH, () => writeSync(3, 'ready\\n'))
      process.on('SIGINT', () => process.exit())`
    const standIns = { 'server.js': server, 'medio.js': `process.stdout.write('{"event":"permit_asked"}\\n')` }
    await using machine = await startMachine({ env: { ...env, ...watchEnv }, standIns })
    await machine.logged('asked_often')
    expect(eventsOf(machine)).not.toContain('permit_asked')
    machine.signal('SIGINT')
    expect(await machine.exitCode()).toBe(0)
    await expectQuietEnd(machine)
  })
})
