import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { get } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { listenOnLoopback } from '../support/loopback-server.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { runProgram } from '../support/program.ts'
import { startService } from '../support/service.ts'

let database: TestDatabase
let directory: string
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'medio-socket-'))
})
afterEach(() => rm(directory, { recursive: true }))

function askOver(socketPath: string): Promise<{ statusCode: number | undefined; body: unknown }> {
  return new Promise((resolve, reject) => {
    const request = get({ socketPath, path: '/api/health/live', agent: false }, (response) => {
      json(response).then((body) => resolve({ statusCode: response.statusCode, body }), reject)
    })
    request.on('error', reject)
  })
}

describe('a service that can not listen', () => {
  it('on its port ends with 1 and names the port and the variable', async () => {
    const taken = await listenOnLoopback(createServer())
    const { code, stderr } = await runProgram('server', [], {
      DATABASE_URL: database.url,
      PORT: String(taken.port),
      METRICS_PORT: '0',
    })
    await taken.close()
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `medio: port ${taken.port} is in use; stop what listens there or set PORT to another one\n`,
    })
  })

  it('on its metrics port serves all the same and says so', async () => {
    const taken = await listenOnLoopback(createServer())
    await using service = await startService({ DATABASE_URL: database.url, METRICS_PORT: String(taken.port) })
    const line = await service.logged('metrics_unavailable')
    expect(line.error).toMatchObject({
      message: `metrics listener: can't bind port ${taken.port} on 127.0.0.1; set METRICS_PORT to a free one`,
    })
    expect((await service.health()).statusCode).toBe(200)
    await taken.close()
  })
})

describe('a service on a Unix socket', () => {
  it('takes the place of a socket that a killed process left, for its group and nobody else', async () => {
    const path = join(directory, 'app.sock')
    const leave = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`
    spawnSync(process.execPath, ['-e', leave])
    expect(existsSync(path)).toBe(true)

    await using service = await startService({ DATABASE_URL: database.url, PORT: '', SOCKET_PATH: path })
    expect(statSync(path).mode & 0o777).toBe(0o660)
    expect(await askOver(path)).toMatchObject({ statusCode: 200, body: { status: 'alive' } })
    service.signal('SIGTERM')
    expect(await service.exited).toBe(0)
    expect(existsSync(path)).toBe(false)
  })

  it('does not rob a living process of its socket', async () => {
    const path = join(directory, 'app.sock')
    const living = createServer()
    await new Promise<void>((resolve) => living.listen(path, resolve))
    const { code, stderr } = await runProgram('server', [], { DATABASE_URL: database.url, SOCKET_PATH: path })
    expect(code).toBe(1)
    expect(stderr).toBe(`medio: SOCKET_PATH ${path} is in use by a running process; stop it first\n`)
    expect(existsSync(path)).toBe(true)
    await new Promise((resolve) => living.close(resolve))
  })

  it('names the path where no socket can be', async () => {
    const path = join(directory, 'missing', 'app.sock')
    const { code, stderr } = await runProgram('server', [], { DATABASE_URL: database.url, SOCKET_PATH: path })
    expect(code).toBe(1)
    expect(stderr).toContain(path)
  })
})
