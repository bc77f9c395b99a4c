import { describe, expect, it } from 'vitest'
import { runProgram } from '../support/program.ts'

const secret = 'hunter2-hunter2-hunter2'
const namesIn = (stderr: string) =>
  stderr
    .trim()
    .split('\n')
    .map((line) => /^configuration: ([A-Z_]+) /.exec(line)?.[1])

describe('a service whose environment can not be used', () => {
  it('ends with 2, every variable at fault on a line of its own, and no value', async () => {
    const { code, stdout, stderr } = await runProgram('server', [], {
      NODE_ENV: 'test',
      PORT: 'five-thousand',
      METRICS_PORT: '70000',
      DATABASE_URL: `not a url with ${secret}`,
      HEALTH_RETRY_MS: '0',
      HEALTH_DATABSE_INTERVAL_MS: '5000',
      OPERATOR_TOKEN: 'hunter2',
      LOG_LEVEL: 'loud',
    })
    expect(code).toBe(2)
    expect(namesIn(stderr)).toEqual([
      'HEALTH_DATABSE_INTERVAL_MS',
      'DATABASE_URL',
      'OPERATOR_TOKEN',
      'PORT',
      'METRICS_PORT',
      'HEALTH_RETRY_MS',
      'LOG_LEVEL',
    ])
    for (const value of ['hunter2', 'five-thousand', '70000', 'loud']) expect(stdout + stderr).not.toContain(value)
  })

  it.each([
    ['another protocol', `mysql://medio:${secret}@db.example/medio`],
    ['a port that is none', `postgres://medio:${secret}@db.example:port/medio`],
    ['no host', `postgres:///medio:${secret}`],
    ['no protocol', `//medio:${secret}@db.example/medio`],
  ])('names DATABASE_URL and not its value when that has %s', async (_fault, url) => {
    const { code, stdout, stderr } = await runProgram('server', [], { PORT: '0', METRICS_PORT: '0', DATABASE_URL: url })
    expect(namesIn(stderr)).toEqual(['DATABASE_URL'])
    expect(code).toBe(2)
    expect(stdout + stderr).not.toMatch(/hunter2|db\.example/)
  })

  it('wants DATABASE_URL in production, where no Postgres is embedded', async () => {
    const { code, stderr } = await runProgram('server', [], { NODE_ENV: 'production' })
    expect(code).toBe(2)
    expect(stderr).toBe(
      'configuration: DATABASE_URL is not set; production has no embedded Postgres, so set it to a postgres:// URL\n',
    )
  })
})
