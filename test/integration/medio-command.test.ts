import { createServer } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LoopbackServer, listenOnLoopback } from '../support/loopback-server.ts'
import { createTestDatabase } from '../support/postgres.ts'
import { runProgram } from '../support/program.ts'

const names = [
  ...['0001_deep_check_writes', '0002_machines', '0003_deployments'],
  ...['0004_observations', '0005_incidents', '0006_self_restarts', '0007_history'],
]

describe('medio migrate', () => {
  it('run twice at once applies everything once, and the other finds nothing to do', async () => {
    const database = await createTestDatabase({ migrated: false })
    const env = { DATABASE_URL: database.url }
    const runs = await Promise.all([runProgram('medio', ['migrate'], env), runProgram('medio', ['migrate'], env)])
    expect(runs.map(({ code, stderr }) => ({ code, stderr }))).toEqual([
      { code: 0, stderr: '' },
      { code: 0, stderr: '' },
    ])
    expect(runs.map(({ stdout }) => stdout).sort()).toEqual([
      `migrate: applied ${names.join(', ')}\n`,
      'migrate: nothing to do\n',
    ])
    await database.drop()
  })

  it('ends with 1 and the reason when the server is away, without the password', async () => {
    const env = { DATABASE_URL: 'postgres://medio:hunter2@127.0.0.1:1/medio' }
    const { code, stdout, stderr } = await runProgram('medio', ['migrate'], env)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^migrate: .*ECONNREFUSED.*\n$/)
    expect(stderr).not.toContain('hunter2')
  })

  it('ends with 2 and the variable when no server is named', async () => {
    const { code, stderr } = await runProgram('medio', ['migrate'])
    expect(code).toBe(2)
    expect(stderr).toContain('DATABASE_URL is not set')
  })
})

describe('medio check', () => {
  let server: LoopbackServer
  let answer = { statusCode: 200, body: '' }
  beforeAll(async () => {
    server = await listenOnLoopback(
      createServer((request, response) => {
        response.writeHead(request.url === '/api/health' ? answer.statusCode : 404).end(answer.body)
      }),
    )
  })
  afterAll(() => server.close())

  it.each([
    [0, 'a healthy service', 200, '{"status":"healthy"}', '200 healthy'],
    [0, 'a degraded service, which still serves', 200, '{"status":"degraded"}', '200 degraded'],
    [1, 'an unhealthy service', 503, '{"status":"unhealthy"}', '503 unhealthy'],
    [1, 'a page that is no health answer', 200, '<html>', '200 no health answer'],
  ])('ends with %i and one line for %s', async (code, _service, statusCode, body, line) => {
    answer = { statusCode, body }
    const run = await runProgram('medio', ['check', `http://127.0.0.1:${server.port}`])
    expect(run.code).toBe(code)
    expect(run.stdout).toMatch(new RegExp(`^${line} in \\d+ ms: http://127.0.0.1:${server.port}/api/health\\n$`))
  })

  it('ends with 1 when nobody listens, and says so', async () => {
    const gone = await listenOnLoopback(createServer())
    await gone.close()
    const { code, stdout } = await runProgram('medio', ['check', `http://127.0.0.1:${gone.port}`])
    expect(code).toBe(1)
    expect(stdout).toMatch(/^no answer \(ECONNREFUSED\)/)
  })

  it.each([[[]], [['ftp://localhost']], [['not a url']], [['http://localhost', 'more']]])(
    'ends with 2 and its usage for the words %j',
    async (words) => {
      const { code, stdout, stderr } = await runProgram('medio', ['check', ...words])
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      expect(stderr).toMatch(/^usage: medio check URL/)
    },
  )
})

describe('the medio command', () => {
  it.each([[[]], [['restart']], [['__proto__']]])(
    'ends with 2 and the commands it has for the words %j',
    async (words) => {
      const { code, stdout, stderr } = await runProgram('medio', words)
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      expect(stderr).toMatch(
        /^usage: medio COMMAND\n\n {2}medio check URL .*\n {2}medio lint .*\n {2}medio migrate .*\n {2}medio monitor .*\n {2}medio permit-restart .*\n/,
      )
    },
  )
})
