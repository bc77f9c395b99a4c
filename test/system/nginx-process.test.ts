import { spawnSync } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { isOpen } from '../support/is-open.ts'
import { startNginx } from '../support/nginx.ts'
import { startUnixUpstream, type UnixUpstream } from './unix-upstream.ts'

/** Debian's `nobody`: owns nothing and may write nowhere but where it is let. */
const nobody = 65_534

let upstream: UnixUpstream
/** Answers to `/slow`, to be given by the test. */
let pending: ServerResponse[]
beforeAll(async () => {
  upstream = await startUnixUpstream((request, response) => {
    request.resume().on('end', () => {
      if (request.url === '/slow') pending.push(response)
      else response.end('answered')
    })
  })
})
afterAll(() => upstream?.[Symbol.asyncDispose]())
beforeEach(() => {
  pending = []
})

/** `nginx -t` with its warnings, and with as few open files as Linux lets a process have that asks for no more. */
function testConf(configPath: string, uid: number | undefined): { status: number | null; output: string[] } {
  const asUser = uid === undefined ? [] : ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', '--']
  const check = ['nginx', '-t', '-g', 'error_log stderr warn;', '-e', 'stderr', '-c', configPath]
  const words = ['--nofile=1024:10240', ...asUser, ...check]
  const { status, stderr } = spawnSync('prlimit', words, { encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] })
  return { status, output: stderr.trim().split('\n') }
}

describe.each([
  ['its starter', undefined],
  ['an unprivileged user', nobody],
])('nginx as %s', (who, uid) => {
  const start = () => startNginx({ upstreamSocket: upstream.socketPath, ...(uid !== undefined && { uid }) })

  it(`finds no fault in nginx.conf (${who})`, async () => {
    await using nginx = await start()
    expect(testConf(nginx.configPath, uid)).toEqual({
      status: 0,
      output: [
        `nginx: the configuration file ${nginx.configPath} syntax is ok`,
        `nginx: configuration file ${nginx.configPath} test is successful`,
      ],
    })
  })

  it(`listens on IPv4 and IPv6, and writes nowhere but into its directory (${who})`, async () => {
    await using nginx = await start()
    for (const host of ['127.0.0.1', '[::1]']) {
      const response = await fetch(`http://${host}:${nginx.port}/`, { method: 'POST', body: 'x'.repeat(500_000) })
      expect(await response.text()).toBe('answered')
    }
    const files = ['body', 'fastcgi', 'nginx.conf', 'nginx.pid', 'proxy', 'scgi', 'stderr', 'stdout', 'uwsgi']
    expect((await readdir(nginx.runDirectory)).toSorted()).toEqual(files)
    expect(await nginx.stderr()).toBe('')
  })

  it.each(['SIGQUIT', 'SIGTERM'] as const)(
    `ends on %s with 0, without its pid file and without a word (${who})`,
    async (signal) => {
      await using nginx = await start()
      expect((await fetch(nginx.url)).status).toBe(200)
      nginx.signal(signal)
      expect(await nginx.exited).toBe(0)
      expect(await readdir(nginx.runDirectory)).not.toContain('nginx.pid')
      expect(await nginx.stderr()).toBe('')
    },
  )
})

describe('nginx on SIGQUIT', () => {
  it('takes no new connection, ends idle ones, and finishes what runs', async () => {
    await using nginx = await startNginx({ upstreamSocket: upstream.socketPath })
    const idle = connect(nginx.port, '127.0.0.1')
    const idleText = text(idle)
    idle.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
    const running = Array.from({ length: 20 }, () => fetch(`${nginx.url}/slow`, { method: 'POST', body: 'x' }))
    await vi.waitUntil(() => pending.length === running.length)

    nginx.signal('SIGQUIT')
    await vi.waitUntil(async () => !(await isOpen(nginx.port)))
    expect(await idleText).toMatch(/^HTTP\/1\.1 200 OK\r\n.*answered$/s)
    for (const response of pending) response.end('answered late')
    const answers = await Promise.all(running)
    expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual(running.map(() => 'answered late'))
    expect(answers[0]?.headers.get('connection')).toBe('close')
    expect(await nginx.exited).toBe(0)
    expect(await nginx.stderr()).toBe('')
  })

  it('waits no longer than worker_shutdown_timeout, and logs what it cut off', async () => {
    await using nginx = await startNginx({
      upstreamSocket: upstream.socketPath,
      changes: { 'worker_shutdown_timeout 15s;': 'worker_shutdown_timeout 1s;' },
    })
    const cut = fetch(`${nginx.url}/slow`, { headers: { 'X-Request-Id': 'cut-off' } }).catch((error: Error) => error)
    await vi.waitUntil(() => pending.length === 1)
    nginx.signal('SIGQUIT')
    expect(await cut).toBeInstanceOf(Error)
    expect(await nginx.exited).toBe(0)
    expect(await nginx.logged('cut-off')).toMatchObject({ path: '/slow', statusCode: 0, level: 'error', sentBytes: 0 })
  })

  it('writes the lines of the last second before it ends', async () => {
    await using nginx = await startNginx({ upstreamSocket: upstream.socketPath })
    expect((await fetch(nginx.url, { headers: { 'X-Request-Id': 'the-last-one' } })).status).toBe(200)
    nginx.signal('SIGQUIT')
    await nginx.exited
    expect(await nginx.accessLog()).toContain('"requestId":"the-last-one"')
  })
})
