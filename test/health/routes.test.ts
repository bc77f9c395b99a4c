import { describe, expect, it } from 'vitest'
import type { CheckRecord } from '../../src/health/check.ts'
import { createCurrentHealth } from '../../src/health/current-health.ts'
import { createDeepRunner } from '../../src/health/deep-runner.ts'
import { readiness } from '../../src/health/report.ts'
import { createHealthRoutes, type HealthBody, type HealthRequest, type HealthSources } from '../../src/health/routes.ts'
import type { LifecycleState } from '../../src/lifecycle/lifecycle.ts'
import { facts, failingRecords, healthyRecords, nowMs } from './format/example.ts'
import { classify, createScriptedCheck } from './scripted-check.ts'

const phases = [
  { phase: 'boot', startedMs: 0, wallMs: 30.4, cpuMs: 25.2 },
  { phase: 'listen', startedMs: 30.4, wallMs: 2.2, cpuMs: 1.1 },
]

function setUp(
  options: { state?: LifecycleState; records?: readonly CheckRecord[]; sources?: Partial<HealthSources> } = {},
) {
  const { state = 'ready', records = healthyRecords, sources } = options
  const lifecycleState = () => state
  const routes = createHealthRoutes({
    current: createCurrentHealth({
      records: () => records,
      version: () => 1,
      nextStaleAtMs: () => Number.POSITIVE_INFINITY,
      lifecycleState,
      facts: () => facts,
      monotonicMs: () => 0,
    }),
    deepRunner: () => undefined,
    lifecycleState,
    readiness: () => readiness(state, records, false),
    facts: () => facts,
    phases: { list: () => phases, serverTimingByPhase: () => 'boot;dur=40' },
    gaveUp: () => false,
    operatorToken: (authorization) => ({ verdict: authorization === undefined ? 'missing' : 'granted' }),
    deepIsOpen: true,
    wallMs: () => nowMs,
    uptimeMs: () => 448_840,
    ...sources,
  })
  return (path: string, request: Partial<HealthRequest> = {}) =>
    routes({
      ...{ method: 'GET', path, query: '', accept: undefined, authorization: undefined, client: () => 'c1' },
      ...request,
    })
}

async function bodyOf(answer: ReturnType<ReturnType<typeof setUp>>): Promise<[number, Record<string, unknown>]> {
  const { status, body } = (await answer) as HealthBody
  return [status, JSON.parse(body)]
}

const states = [
  ['starting', 503, 'starting', 503, 503],
  ['ready', 200, 'healthy', 200, 200],
  ['draining', 503, 'draining', 503, 200],
  ['stopped', 503, 'draining', 503, 200],
] as const

describe('the routes of health', () => {
  it.each(states)(
    'say of a process that is %s: %i %s, ready %i, startup %i, and live 200',
    async (state, code, status, ready, startup) => {
      const ask = setUp({ state })
      expect(await bodyOf(ask(''))).toMatchObject([code, { status, uptime: 448.84, reasons: [] }])
      expect((await bodyOf(ask('/ready')))[0]).toBe(ready)
      expect((await bodyOf(ask('/startup')))[0]).toBe(startup)
      expect(await bodyOf(ask('/live'))).toMatchObject([200, { status: 'alive' }])
    },
  )

  it('say 503 with the reason when a critical check fails, and let `ready` alone when the fault is shared', async () => {
    const ask = setUp({ records: failingRecords })
    const answer = ask('') as HealthBody
    expect([answer.status, answer.headers]).toEqual([503, ['Retry-After', '5']])
    expect(JSON.parse(answer.body)).toMatchObject({
      status: 'unhealthy',
      reasons: [
        { check: 'database', code: 'connection_refused', consecutiveFailures: 47 },
        { check: 'external_api:stripe' },
      ],
    })
    expect(await bodyOf(ask('/ready'))).toMatchObject([200, { status: 'ready', reasons: [] }])
  })

  it('take this machine out when the fault is its own', async () => {
    const records = healthyRecords.map((record) =>
      record.name === 'memory'
        ? { ...record, status: 'unhealthy' as const, code: 'memory_high' as const, since: nowMs - 9_000 }
        : record,
    )
    const since = new Date(nowMs - 9_000).toISOString()
    expect(await bodyOf(setUp({ records })('/ready'))).toMatchObject([
      503,
      { status: 'unhealthy', reasons: [{ check: 'memory', code: 'memory_high', since }] },
    ])
  })

  it('say that the process gave itself up', async () => {
    const ask = setUp({ sources: { gaveUp: () => true } })
    expect(await bodyOf(ask('/live'))).toMatchObject([503, { status: 'gave up' }])
  })

  it('show where the time of the start went', async () => {
    expect(await bodyOf(setUp()('/startup'))).toEqual([
      200,
      { status: 'ready', wallMs: 33, cpuMs: 26, phases, timestamp: new Date(nowMs).toISOString(), uptime: 448.84 },
    ])
  })

  it.each([
    ['/deep', 'before the tokens are there', () => createDeepRunner(deepOptions(createScriptedCheck('database')))],
    ['/checks/database', 'before the checks are there', () => undefined],
  ])('answer %s with 503 `starting` %s, and never with 401', async (path, _, deepRunner) => {
    const operatorToken = () => ({ verdict: 'missing' }) as const
    const ask = setUp({ state: 'starting', sources: { deepRunner, operatorToken, deepIsOpen: false } })
    const [status, body] = await bodyOf(ask(path, { authorization: 'Bearer right' }))
    expect([status, body.status]).toEqual([503, 'starting'])
    expect(body).not.toHaveProperty('checks')
  })

  it('bother a slow dependency once for 5,000 who ask at a time', async () => {
    const database = createScriptedCheck('database')
    const redis = createScriptedCheck('redis')
    database.script = 'stuck'
    const runner = createDeepRunner(deepOptions(database, redis))
    const ask = setUp({ sources: { deepRunner: () => runner } })
    const answers = Array.from({ length: 5_000 }, (_, index) => ask(index % 2 === 0 ? '/deep' : '/checks/database'))
    expect((await ask('/checks/redis')) as HealthBody).toMatchObject({ status: 200 })
    database.letGo()
    const bodies = (await Promise.all(answers)) as HealthBody[]
    expect([database.startedAtMs.length, redis.startedAtMs.length]).toEqual([1, 1])
    expect(new Set(bodies.map(({ status, headers }) => `${status} ${headers?.join(' ')}`))).toEqual(
      new Set(['200 Age 0']),
    )
    expect(new Set(bodies.map(({ body }) => body))).toHaveProperty('size', 2)
  })

  it('let a deep run say what it found, without changing what `health` says', async () => {
    const database = createScriptedCheck('database')
    database.script = 'fail'
    const runner = createDeepRunner(deepOptions(database))
    const ask = setUp({ sources: { deepRunner: () => runner } })
    const open = await bodyOf(ask('/deep'))
    expect(open).toMatchObject([503, { status: 'unhealthy', checks: { database: { code: 'connection_refused' } } }])
    expect(JSON.stringify(open)).not.toContain('ECONNREFUSED')
    const told = await bodyOf(ask('/deep', { authorization: 'Bearer right' }))
    expect(told[1].reasons).toMatchObject([{ check: 'database', message: 'connect ECONNREFUSED' }])
    expect((await bodyOf(ask('')))[0]).toBe(200)
  })

  it('give the same instant the same bytes in every form of one snapshot', () => {
    const ask = setUp({ records: failingRecords })
    for (const query of ['', 'cb=1', 'format=json']) expect(ask('', { query })).toEqual(ask(''))
    const forms = ['json', 'health%2Bjson', 'text'].map((word) => ask('', { query: `format=${word}` }) as HealthBody)
    expect(forms.map(({ status }) => status)).toEqual([503, 503, 503])
    expect(forms.map(({ ascii }) => ascii)).toEqual([true, true, false])
    expect(forms.map(({ body }) => body.includes('connection_refused'))).toEqual([true, true, true])
  })
})

function deepOptions(...checks: ReturnType<typeof createScriptedCheck>[]) {
  return { checks, classify, monotonicMs: () => performance.now(), wallMs: () => nowMs }
}
