import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readLog } from '../../src/monitor/log-findings.ts'
import { readLogLine } from '../../src/monitor/log-line.ts'

const directory = mkdtempSync(join(tmpdir(), 'medio-log-'))
afterAll(() => rmSync(directory, { recursive: true }))

function logOf(...lines: (string | object)[]): string {
  const path = join(directory, 'service.log')
  writeFileSync(path, lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''))
  return path
}
const ours = (seconds: number, level: string, event: string, more: object = {}) => ({
  ...{ level, time: `2026-11-22T10:00:${String(seconds).padStart(2, '0')}.000Z`, machine: 'm1', region: 'iad' },
  ...{ version: '1.0.0', event, msg: `${event}!`, ...more },
})
const counts = async (path: string) => {
  const { classes } = (await readLog(path, undefined)).findings
  return Object.fromEntries(Object.entries(classes).map(([name, { count }]) => [name, count]))
}
const none = { expected_while_starting: 0, warning: 0, error: 0, database_error: 0, gateway_error: 0 }

describe('the log of the service', () => {
  it('is counted by class, and what comes while a machine starts is expected', async () => {
    const path = logOf(
      ours(0, 'info', 'service_starting'),
      ours(1, 'warn', 'database_connection_lost'),
      ours(2, 'info', 'service_ready', { phases: [{ phase: 'config', startedMs: 0, wallMs: 12.5, cpuMs: 9 }] }),
      ours(3, 'info', 'request_completed', { statusCode: 200 }),
      ours(4, 'warn', 'slow_query'),
      ours(5, 'error', 'request_completed', { statusCode: 500, error: { type: 'TypeError', message: 'boom' } }),
      ours(6, 'error', 'request_completed', { statusCode: 503, error: { type: 'DatabaseError', message: 'gone' } }),
      ours(7, 'warn', 'health_changed', { reasons: [{ check: 'database', code: 'timeout' }] }),
      ours(8, 'warn', 'health_changed', { reasons: [{ check: 'redis', code: 'timeout' }] }),
      ours(9, 'error', 'nginx_request', { statusCode: 502, method: 'GET', path: '/api/slo' }),
      ours(10, 'info', 'nginx_request', { statusCode: 404 }),
      'Segmentation fault',
    )
    const { findings, events } = await readLog(path, undefined)
    expect(await counts(path)).toEqual({
      ...{ expected_while_starting: 1, warning: 2, error: 1, database_error: 2, gateway_error: 1 },
    })
    expect(findings).toMatchObject({ file: 'service.log', lines: 12, unreadableLines: 1 })
    expect(findings.classes.gateway_error.examples).toEqual([
      '2026-11-22T10:00:09.000Z m1 nginx_request nginx_request! 502 GET /api/slo',
    ])
    expect(findings.classes.error.examples).toEqual([
      '2026-11-22T10:00:05.000Z m1 request_completed request_completed! (boom) 500',
    ])
    expect(events).toEqual([
      {
        ...{ machine: 'm1', region: 'iad', at: '2026-11-22T10:00:00.000Z' },
        kind: 'start',
        version: '1.0.0',
        source: 'service',
      },
      {
        ...{ machine: 'm1', region: 'iad', at: '2026-11-22T10:00:02.000Z', kind: 'ready', version: '1.0.0' },
        ...{ phases: { config: 12.5 }, source: 'service' },
      },
    ])
  })

  it('never expects a process to die while it starts', async () => {
    const path = logOf(ours(0, 'info', 'service_starting'), ours(1, 'fatal', 'uncaught_error'))
    expect(await counts(path)).toEqual({ ...none, error: 1 })
  })

  it('keeps five examples of a class, and counts the others', async () => {
    const path = logOf(...Array.from({ length: 40 }, (_, index) => ours(index, 'warn', 'slow_query')))
    const { warning } = (await readLog(path, undefined)).findings.classes
    expect([warning.count, warning.examples.length]).toEqual([40, 5])
  })

  it('counts but the time of the run and a minute around it', async () => {
    const path = logOf(
      { ...ours(0, 'error', 'early'), time: '2026-11-22T09:58:59.999Z' },
      { ...ours(0, 'error', 'just_before'), time: '2026-11-22T09:59:00.000Z' },
      ours(30, 'error', 'within'),
      { ...ours(0, 'error', 'late'), time: '2026-11-22T11:00:00.000Z' },
    )
    const window = { fromMs: Date.UTC(2026, 10, 22, 10), toMs: Date.UTC(2026, 10, 22, 10, 5) }
    const { findings } = await readLog(path, window)
    expect([findings.lines, findings.classes.error.count]).toEqual([2, 2])
  })

  it('never brings a secret into the report', async () => {
    const secrets = ['hunter2', 'abcdefgh12345678', 'fm2_lJPECAAAAAAAAAA', 'eyJhbGciOiJI.eyJzdWIiOiIx.sig', 's3cr3t']
    const path = logOf(
      ours(0, 'error', 'x', { error: { type: 'Error', message: 'postgres://medio:hunter2@db.example:5432/medio' } }),
      `2026-11-22T10:00:01Z app[m1] iad [error]Authorization: Bearer abcdefgh12345678`,
      `2026-11-22T10:00:02Z app[m1] iad [error]token ${secrets[2]} and ${secrets[3]}`,
      `2026-11-22T10:00:03Z app[m1] iad [error]{"password":"s3cr3t"`,
    )
    const told = JSON.stringify((await readLog(path, undefined)).findings)
    expect(secrets.filter((secret) => told.includes(secret))).toEqual([])
    expect(told).toContain('postgres://[redacted]@db.example:5432/medio')
  })

  it('of a size without line breaks is one unreadable line', async () => {
    const { findings } = await readLog(logOf('x'.repeat(5_000_000), ours(0, 'warn', 'slow_query')), undefined)
    expect(findings).toMatchObject({ lines: 2, unreadableLines: 1, classes: { warning: { count: 1 } } })
  })
})

describe('the text of fly logs', () => {
  it('is read with its colours, and a line of the service within it by its own fields', () => {
    const line = '\u001b[2m2026-11-22T10:00:00.5Z\u001b[0m app[m1] \u001b[32miad\u001b[0m [\u001b[34minfo\u001b[0m]'
    expect(readLogLine(`${line} listening`)).toEqual({
      ...{ atMs: Date.UTC(2026, 10, 22, 10, 0, 0, 500), origin: 'app', machine: 'm1', region: 'iad' },
      ...{ level: 'info', text: 'listening' },
    })
    const within = { level: 'error', event: 'statement_failed', msg: 'statement failed', machine: 'm1' }
    expect(readLogLine(`${line}${JSON.stringify(within)}`)).toMatchObject({
      ...{ level: 'error', region: 'iad', text: 'statement_failed statement failed', fields: within },
    })
  })

  it('is counted by class', async () => {
    const at = (seconds: number, rest: string) => `2026-11-22T10:00:${String(seconds).padStart(2, '0')}Z ${rest}`
    const path = logOf(
      at(0, 'proxy[m1] iad [info]Starting machine'),
      at(1, 'health[m1] iad [error]Health check on port 5000 has failed'),
      at(2, 'proxy[m1] iad [info]machine became reachable in 1.2s'),
      at(3, 'proxy[m1] iad [error][PR03] could not find a good candidate within 90 attempts'),
      at(4, 'app[m1] iad [error]FATAL: sorry, too many clients already (SQLSTATE 53300)'),
      at(5, 'runner[m1] iad [warn]the machine is almost out of memory'),
      at(6, 'app[m1] iad [info]2026/11/22 [error] connect() failed while connecting to upstream'),
    )
    expect(await counts(path)).toEqual({
      ...{ expected_while_starting: 1, warning: 1, error: 0, database_error: 1, gateway_error: 2 },
    })
  })

  it('as JSON is read out of its envelope', async () => {
    const message = JSON.stringify({ level: 'error', event: 'statement_failed', msg: 'x' })
    const stream = {
      event: { provider: 'app' },
      fly: { app: { instance: 'm1' }, region: 'iad' },
      log: { level: 'info' },
    }
    const path = logOf(
      { level: 'info', instance: 'm1', region: 'iad', timestamp: '2026-11-22T10:00:00Z', message },
      { ...stream, timestamp: '2026-11-22T10:00:01Z', message: 'plain' },
    )
    expect(await counts(path)).toEqual({ ...none, database_error: 1 })
    expect((await readLog(path, undefined)).findings.unreadableLines).toBe(0)
  })
})
