import { createServer } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { lineLabels, lineMetadata, serviceName, staticLabels } from '../../scripts/logs/log-fields.ts'
import { logQueries } from '../../scripts/logs/log-queries.ts'
import { logLevels } from '../../src/config.ts'
import { readProjectFile } from '../contracts/project-files.ts'
import { loadBoards } from '../support/dashboards.ts'
import { forgottenClients, fullHeap } from '../support/healing-faults.ts'
import { type HealingStage, openHealingStage } from '../support/healing-stage.ts'
import { parseLogql } from '../support/logql.ts'
import { listenOnLoopback } from '../support/loopback-server.ts'
import { startPostgresServer } from '../support/postgres.ts'
import { runProgram } from '../support/program.ts'
import { exchangeRaw } from '../support/raw-http.ts'
import { quickChecks, type RunningService, startService } from '../support/service.ts'
import { suspend } from '../support/suspend.ts'

type LogLine = Readonly<Record<string, unknown>>

/** Events that no test can provoke from outside within seconds, and why. */
const notProvoked: Readonly<Record<string, string>> = {
  engine_stalled: 'timers of Node would have to be lost; test/health/watchdog.test.ts drives the watchdog',
  request_failed: 'a fault in our own code while it answers health',
  metrics_render_failed: 'a fault in our own code while it renders; test/http/metrics-listener.test.ts',
  self_healing_failed: 'a fault in our own code; test/healing/self-healing.test.ts',
  shutdown_step_overdue: 'its shortest deadline is a second, and each part keeps it; test/lifecycle/shutdown.test.ts',
  incident_closed: 'a check must be well for a minute first',
  history_entry_refused:
    'the database would have to refuse what the code has checked; test/integration/history-writer.test.ts',
  history_job_failed: 'jobs run every minute at most',
  history_spool_failed: 'the disk must fail; test/history/history-spool.test.ts',
  history_spool_full: 'takes megabytes of records; test/history/history-spool.test.ts',
}

const events = [...readProjectFile('src/telemetry/log-events.ts').matchAll(/\| '(\w+)'/g)].map(([, name = '']) => name)
/** Written by nginx and the supervisor; test/system/nginx-log-query.test.ts reads real ones. */
const neighbourEvents = ['nginx_request', 'node_exited', 'nginx_exited', 'machine_restarting', 'self_restart_not_asked']
/** Comes with a trace, and nothing traces yet. */
const absentFields = ['traceId']

let stage: HealingStage
const lines: LogLine[] = []
beforeAll(async () => {
  stage = await openHealingStage()
  await Promise.all([aDayOfAMachine(), aStartInDevelopment(), restartsOfItsOwn()])
}, 120_000)
afterAll(() => stage.close())

const ask = async (service: RunningService, path: string, headers: Readonly<Record<string, string>> = {}) => {
  const response = await fetch(`${service.url}${path}`, { headers })
  await response.arrayBuffer()
}

/** In production: refused and failed requests, a lost database, a suspend, a crash. */
async function aDayOfAMachine(): Promise<void> {
  await using server = await startPostgresServer()
  expect((await runProgram('medio', ['migrate'], { DATABASE_URL: server.url })).code).toBe(0)
  await using service = await startService({
    ...quickChecks.env,
    DATABASE_URL: server.url,
    ENVIRONMENT: 'production',
    SLOW_QUERY_MS: '0',
    STATUS_PUBLIC: 'true',
    PROBE_TOKEN: 'probe-token-of-the-test',
    SENTRY_DSN: stage.receiver.dsn,
    SENTRY_LOAD: 'after-ready',
    HEALTH_IDLE_AFTER_MS: '1000',
    HEALING_ENABLED: 'false',
  })
  await service.logged('error_reporter_loaded')
  await service.logged('engine_idle')
  await ask(service, '/api/deployments', { 'Fly-Request-Id': '01JD3XJ4Q5V8Y2-iad' })
  await fetch(`${service.url}/api/observations`, {
    method: 'POST',
    headers: { Authorization: 'Bearer a-token-that-is-wrong', 'Content-Type': 'application/json' },
    body: '{}',
  })
  await exchangeRaw(Number(new URL(service.url).port), ['nonsense\r\n\r\n'])
  await suspend(service, 3_000)
  await service.logged('process_resumed')

  const client = new pg.Client({ connectionString: server.url })
  await client.connect()
  stage.receiver.set('500')
  await client.query('alter table deployments rename to hidden')
  await ask(service, '/api/deployments')
  await service.logged('error_reporter_failed')
  await client.query('alter table hidden rename to deployments')
  await client.end()

  await server.stop('immediate')
  const asking = new AbortController()
  const asked = keepAsking(service, asking.signal)
  await service.logged('history_write_failed', 30_000)
  await ask(service, '/status')
  await service.logged('status_read_failed', 30_000)
  asking.abort()
  await asked
  await service.until(({ body }) => body.status === 'unhealthy')
  await server.start()
  await service.logged('history_caught_up', 30_000)
  await service.logged('incident_opened', 30_000)

  service.signal('SIGUSR2')
  await service.exited
  lines.push(...service.lines)
}

/** User traffic, so that the checks do not rest. */
async function keepAsking(service: RunningService, until: AbortSignal): Promise<void> {
  while (!until.aborted) {
    await ask(service, '/api/deployments').catch(() => undefined)
    await delay(200)
  }
}

/** With an embedded Postgres, a metrics port that is taken, and code that keeps its connections. */
async function aStartInDevelopment(): Promise<void> {
  const taken = await listenOnLoopback(createServer())
  await using service = await startService({
    ...quickChecks.env,
    ...forgottenClients,
    METRICS_PORT: String(taken.port),
    DATABASE_POOL_MAX: '2',
    DATABASE_ACQUIRE_TIMEOUT_MS: '1000',
    // Well below the time after which the pool is stuck, so that a hold is told before it is ended.
    DATABASE_LEAK_AFTER_MS: '200',
    HEALING_ENABLED: 'true',
    HEALING_AFTER_MS: '2400',
  })
  await service.logged('metrics_unavailable')
  service.signal('SIGHUP')
  await service.logged('leaked_client_destroyed', 30_000)
  service.signal('SIGINT')
  await service.exited
  await taken.close()
  lines.push(...service.lines)

  await using alone = await startService({ DATABASE_URL: 'postgres://nobody@127.0.0.1:9/nothing' })
  await alone.logged('migrations_behind')
  lines.push(...alone.lines)
}

async function restartsOfItsOwn(): Promise<void> {
  const permitted = await stage.permitFor('one', 'event_loop_blocked')
  await using service = await stage.start({ ...fullHeap, FLY_REGION: 'iad' })
  await service.logged('self_restart', 30_000)
  expect(await service.exited).toBe(70)
  const refused = await runProgram('medio', ['permit-restart', 'memory_high'], {
    DATABASE_URL: 'postgres://nobody@127.0.0.1:9/nothing',
    DATA_DIR: '/dev/null/none',
  })
  const ofCommands = `${permitted.stdout}${refused.stdout}`.trimEnd().split('\n')
  lines.push(...service.lines, ...ofCommands.map((line) => JSON.parse(line) as LogLine))
}

const valueAt = (line: LogLine, path: string) =>
  path.split('.').reduce<unknown>((value, key) => (value as LogLine | undefined)?.[key], line)
const linesWith = (names: readonly string[]) => lines.filter(({ event }) => names.includes(String(event)))

describe('the lines that the service really wrote', () => {
  it('are of every event but those that nothing outside can provoke', () => {
    const seen = new Set(lines.map(({ event }) => String(event)))
    expect(events.filter((event) => !seen.has(event)).toSorted()).toEqual(Object.keys(notProvoked).toSorted())
    expect([...seen].filter((event) => !events.includes(event))).toEqual([])
  })

  it('have what the labels are made of, with values from short closed lists', () => {
    for (const line of lines) {
      expect(logLevels).toContain(line.level)
      expect(line).toMatchObject({ region: expect.stringMatching(/^[a-z]{3,5}$/), machine: expect.any(String) })
      expect(new Date(String(line.time)).toISOString()).toBe(line.time)
      expect(line.msg).toEqual(expect.any(String))
    }
  })

  it('have every field that is kept beside the line, and a request’s id wherever there is a request', () => {
    const absent = lineMetadata.filter((field) => lines.every((line) => line[field] === undefined))
    expect(absent).toEqual(absentFields)
    const ofRequests = linesWith(['request_completed', 'request_malformed', 'statement_failed'])
    expect(ofRequests.filter(({ event, requestId }) => event !== 'statement_failed' && !requestId)).toEqual([])
    const failed = linesWith(['statement_failed']).find(({ query }) => query === 'deployments.list')
    const answered = linesWith(['request_completed']).find(({ statusCode }) => statusCode === 500)
    expect(failed?.requestId).toBe(answered?.requestId)
    expect(linesWith(['request_completed']).map(({ flyRequestId }) => flyRequestId)).toContain('01JD3XJ4Q5V8Y2-iad')
  })
})

const onBoards = loadBoards()
  .flatMap((board) => board.queries)
  .filter(({ source }) => source === 'loki')
  .map(({ where, expr }) => ({ name: where, logql: expr }))

/** What a query names that is not there. */
function faults(logql: string): string[] {
  const { streams, filters, extracted, used } = parseLogql(logql)
  const labels: readonly string[] = [...staticLabels, ...lineLabels]
  const wanted = filters.filter(({ label }) => label === 'event').flatMap(({ value }) => value.split('|'))
  const provoked = wanted.filter((event) => !(event in notProvoked) && !neighbourEvents.includes(event))
  const known = [...labels, ...lineMetadata, '__error__', ...extracted.map(({ name }) => name)]
  const levels = streams.filter(({ label }) => label === 'level').flatMap(({ value }) => value.split('|'))
  return [
    ...streams.filter(({ label }) => !labels.includes(label)).map(({ label }) => `${label} is no label`),
    ...streams.filter(({ label, value }) => label === 'service' && value !== serviceName).map(() => 'another service'),
    ...levels.filter((level) => !logLevels.includes(level as never)).map((level) => `${level} is no level`),
    ...wanted.filter((event) => ![...events, ...neighbourEvents].includes(event)).map((event) => `no ${event}`),
    ...used.filter((name) => !known.includes(name)).map((name) => `${name} comes from nowhere`),
    ...(provoked.length === 0 ? [] : extracted)
      .filter(({ path }) => linesWith(provoked).every((line) => valueAt(line, path) === undefined))
      .map(({ path }) => `no line of ${provoked} has ${path}`),
  ]
}

describe('the saved questions and the board of the log', () => {
  it.each([...logQueries, ...onBoards])(
    'name only labels and fields that lines of their events have: $name',
    ({ logql }) => {
      expect(faults(logql)).toEqual([])
    },
  )

  it('would be refused with a label, an event or a field that does not exist', () => {
    expect(faults('{app="medio"}')).toEqual(['app is no label'])
    expect(faults('{service="medio", level="warning"}')).toEqual(['warning is no level'])
    expect(faults('{service="medio"} | event="slow_statement"')).toEqual(['no slow_statement'])
    expect(faults('{service="medio"} | event="slow_query" | json durationMs="duration"')).toEqual([
      'no line of slow_query has duration',
    ])
    expect(faults('{service="medio"} | event="slow_query" | durationMs > 5')).toEqual(['durationMs comes from nowhere'])
    expect(() => faults('{service="medio"} | json |')).toThrow('no LogQL')
  })

  it('have names of their own, that are anchors in the page of questions', () => {
    const names = logQueries.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    const headings = [...readProjectFile('ops/loki/queries.md').matchAll(/^## ([a-z-]+)$/gm)].map(([, name]) => name)
    expect(headings).toEqual(names)
  })
})
