import { describe, expect, it } from 'vitest'
import { buildReport } from '../../src/health/report.ts'
import { buildSloReport } from '../../src/slo/slo-report.ts'
import { availabilityView } from '../../src/status/availability-view.ts'
import { deploymentViews, fleetView } from '../../src/status/fleet-view.ts'
import { healthView } from '../../src/status/health-view.ts'
import { incidentsView } from '../../src/status/incident-view.ts'
import { latencyView } from '../../src/status/latency-view.ts'
import { objectiveViews } from '../../src/status/objective-view.ts'
import type { LatencyBucket } from '../../src/status/status-source.ts'
import { statusView } from '../../src/status/view.ts'
import { check, scenario } from './scenarios.ts'

const nowMs = Date.parse('2026-11-22T10:02:03.000Z')
const minuteMs = 60_000
const ago = (minutes: number) => new Date(nowMs - minutes * minuteMs)

describe('the view of the present', () => {
  it('names each reason in words, with what to do, since when, and critical ones first', () => {
    const failing = { status: 'unhealthy', since: ago(4).getTime(), consecutiveFailures: 7 } as const
    const report = buildReport('ready', [
      check('external_api:pay', { ...failing, code: 'bad_response' }),
      check('database', { ...failing, code: 'connection_refused' }),
    ])
    const view = healthView(report, nowMs)
    expect([view.status, view.headline, view.explanation]).toEqual([
      'unhealthy',
      'Unhealthy',
      'A critical check fails: requests may fail or wait.',
    ])
    expect(view.since).toEqual({ iso: '2026-11-22T09:58:03.000Z', text: '2026-11-22 09:58 UTC', age: '4m00s' })
    expect(view.reasons.map(({ title, critical }) => [title, critical])).toEqual([
      ['Postgres', true],
      ['External API pay', false],
    ])
    expect(view.reasons[0]).toMatchObject({
      code: 'connection_refused',
      happened: 'nobody listens, or Postgres still starts',
      todo: 'is the other side up, and are host and port right? It recovers by itself',
      consecutiveFailures: 7,
    })
  })

  it('shows no text of an error', () => {
    const report = buildReport('ready', [
      check('redis', {
        status: 'degraded',
        code: 'auth_failed',
        message: 'WRONGPASS for user medio',
        consecutiveFailures: 1,
      }),
    ])
    expect(JSON.stringify(healthView(report, nowMs))).not.toContain('WRONGPASS')
  })

  it.each(['starting', 'draining'] as const)('is %s when the process is', (state) => {
    expect(healthView(buildReport(state, [check('database', { status: 'unknown' })]), nowMs).status).toBe(state)
  })
})

describe('the view of 90 days', () => {
  it('has one day after the other up to today, and says no data where nobody probed', () => {
    const known = [
      { day: '2026-11-22', count: 200, ok: 200 },
      { day: '2026-11-20', count: 1_000, ok: 990 },
      { day: '2026-11-19', count: 1_000, ok: 989 },
      { day: '2025-01-01', count: 5, ok: 0 },
    ]
    const view = availabilityView(known, 90, nowMs)
    expect(view.days).toHaveLength(90)
    expect(view.days[0]).toEqual({ day: '2026-08-25', level: 'none', count: 0, failed: 0, text: 'no data' })
    expect(view.days.slice(-4)).toEqual([
      { day: '2026-11-19', level: 'less', count: 1_000, failed: 11, text: '98.9\u00a0%' },
      { day: '2026-11-20', level: 'most', count: 1_000, failed: 10, text: '99\u00a0%' },
      { day: '2026-11-21', level: 'none', count: 0, failed: 0, text: 'no data' },
      { day: '2026-11-22', level: 'all', count: 200, failed: 0, text: '100\u00a0%' },
    ])
    expect(view).toMatchObject({ daysWithData: 3, count: 2_200, failed: 21, share: '99.045\u00a0%' })
    // Wilson's formula, reckoned apart: 0.98545110 to 0.99374820.
    expect(view.between).toEqual(['98.545\u00a0%', '99.374\u00a0%'])
  })

  it('tells no share without a probe', () => {
    expect(availabilityView([{ day: '2026-11-22', count: 0, ok: 0 }], 90, nowMs)).toMatchObject({
      ...{ daysWithData: 0, count: 0, failed: 0, share: undefined, between: undefined },
    })
  })
})

describe('the view of latency', () => {
  const bucket = (at: string, changes: Partial<LatencyBucket> = {}): LatencyBucket => ({
    ...{ at, count: 20, ok: 19 },
    ...{ p50Ms: 40, p95Ms: 90, maxMs: 95, cold: 0 },
    ...changes,
  })

  it('has a gap for each five minutes that nobody probed, and leaves out what is older than a day', () => {
    const view = latencyView(
      [
        bucket('2026-11-21T10:00:00.000Z'),
        bucket('2026-11-21T10:05:00.000Z', { maxMs: 120 }),
        bucket('2026-11-22T10:00:00.000Z', { cold: 2, maxMs: 2_500, p95Ms: null }),
      ],
      nowMs,
    )
    expect([view.from, view.to, view.points.length]).toEqual([
      '2026-11-21T10:05:00.000Z',
      '2026-11-22T10:05:00.000Z',
      288,
    ])
    expect(view.points.slice(0, 2)).toEqual([
      { at: '2026-11-21T10:05:00.000Z', p50Ms: 40, p95Ms: 90, cold: 0 },
      { at: '2026-11-21T10:10:00.000Z', p50Ms: null, p95Ms: null, cold: 0 },
    ])
    expect(view.points.at(-1)).toEqual({ at: '2026-11-22T10:00:00.000Z', p50Ms: 40, p95Ms: null, cold: 2 })
    expect([view.count, view.cold]).toEqual([40, 2])
    expect(view.slowest.map(({ at, maxMs, failed, cold }) => [at.text, maxMs, failed, cold])).toEqual([
      ['2026-11-22 10:00 UTC', 2_500, 1, 2],
      ['2026-11-21 10:05 UTC', 120, 1, 0],
    ])
  })
})

describe('the view of error budgets', () => {
  const viewOf = (good: number, total: number) =>
    objectiveViews(buildSloReport(new Date(nowMs), [[{ objective: 'availability', good, total }]]))[0]

  it.each([
    [10_000, 10_000, 'good', 100, '100 % left'],
    [9_997, 10_000, 'good', 70, '70 % left'],
    [9_992, 10_000, 'low', 20, '20 % left'],
    [99_901, 100_000, 'low', 1, '1 % left'],
    [999_001, 1_000_000, 'spent', 0, 'used up'],
    [9_990, 10_000, 'spent', 0, 'used up'],
    [9_980, 10_000, 'spent', 0, 'overdrawn by 100 %'],
    [999, 999, 'unknown', 0, 'too few events to tell: 999 of at least 1,000'],
    [0, 0, 'unknown', 0, 'nothing counted yet'],
  ])('%i good of %i are %s', (good, total, level, leftPercent, left) => {
    expect(viewOf(good, total)).toMatchObject({ level, leftPercent, left, target: '99.9\u00a0%' })
  })

  it('tells the burn rates of the long windows in which something happened', () => {
    const counts = (good: number, total: number) => [{ objective: 'availability' as const, good, total }]
    const totals = [counts(9_990, 10_000), [], [], counts(985, 1_000), [], counts(0, 0), counts(1_000, 1_000), []]
    expect(objectiveViews(buildSloReport(new Date(nowMs), totals))[0]?.burn).toEqual(['1h 15×', '1d 0×'])
  })
})

describe('the view of incidents', () => {
  it('has the open ones apart, newest first, with who acknowledged them and how long they last', async () => {
    const view = incidentsView(await scenario('degraded', nowMs).source.incidents(), nowMs)
    expect(view.open).toMatchObject([
      {
        ...{ id: 19, title: 'External API payments', where: 'every machine', lasted: '11m00s', closed: undefined },
        acknowledged: { iso: '2026-11-22T09:54:03.000Z' },
      },
    ])
    expect(view.closed.map(({ id, where, lasted }) => [id, where, lasted])).toEqual([
      [17, 'machine 148e2740fe6789', '29m00s'],
      [9, 'every machine', '6m00s'],
    ])
  })

  it('keeps the name of a code or check that this version does not know', () => {
    const [incident] = incidentsView(
      [
        {
          ...{ id: 1, check: 'queue', scope: 'local', machine: 'm1', code: 'queue_long', openedAt: ago(5) },
          ...{ closedAt: null, acknowledgedAt: null },
        },
      ],
      nowMs,
    ).open
    expect(incident).toMatchObject({ title: 'queue', code: 'queue_long', happened: 'queue_long' })
  })
})

describe('the view of machines', () => {
  const machine = (id: string, region: string, seenMinutesAgo: number) => ({
    ...{ id, region, lastSeenAt: ago(seenMinutesAgo), runningSeconds: 7_260 },
  })

  it('groups them by region, and tells those that write every minute from those that do not', () => {
    const known = [machine('a', 'iad', 1), machine('b', 'fra', 4), machine('c', 'iad', 2), machine('d', 'iad', 10_081)]
    const view = fleetView(known, 'c', nowMs, nowMs)
    expect(view.gone).toBe(1)
    expect(
      view.regions.map(({ region, machines }) => [region, machines.map(({ id, isRunning }) => [id, isRunning])]),
    ).toEqual([
      ['fra', [['b', false]]],
      [
        'iad',
        [
          ['a', true],
          ['c', true],
        ],
      ],
    ])
    expect(view.regions[1]?.machines[1]).toMatchObject({ isThis: true, ran: '2h01m' })
  })

  it('calls none stopped because the database is away since', () => {
    const view = fleetView([machine('a', 'iad', 61)], 'x', ago(60).getTime(), nowMs)
    expect(view.regions[0]?.machines[0]).toMatchObject({ isRunning: true, lastSeen: { age: '1h01m' } })
  })
})

describe('the view of deployments', () => {
  it('marks the one that answers by version and commit', () => {
    const deployment = (commit: string | null) => ({
      ...{ version: '2.0.0', commit, imageRef: null, at: ago(90), source: 'start' as const },
    })
    const known = [deployment('0123456789abcdef'), deployment('fedcba9876543210'), deployment(null)]
    const view = deploymentViews(known, { version: '2.0.0', commit: 'fedcba9876543210' }, nowMs)
    expect(view.map(({ commit, isRunning }) => [commit, isRunning])).toEqual([
      ['0123456789ab', false],
      ['fedcba987654', true],
      [undefined, false],
    ])
  })
})

describe('the view of the whole page', () => {
  const { report, source } = scenario('healthy', nowMs)
  const shared = {
    ...{ report, uptimeMs: 61_000, nowMs, dayCount: 90 },
    facts: { environment: 'production', version: '1.0.0', commit: undefined, machine: { id: 'm1', region: 'iad' } },
  }

  it('tells the age of what was read more than a minute ago', async () => {
    const value = await source.machines()
    const history = {
      machines: { value, at: ago(1.01) },
      deployments: { value: [], at: ago(0.99) },
    }
    const view = statusView({ ...shared, history })
    expect(view.fleet?.readAt).toMatchObject({ text: '2026-11-22 10:01 UTC', age: '1m00s' })
    expect(view.deployments?.readAt).toBeUndefined()
    expect([view.incidents, view.latency, view.unreadableSince, view.upFor]).toEqual([
      undefined,
      undefined,
      undefined,
      '1m01s',
    ])
  })

  it('tells the age of all that was read before the database went away', () => {
    const history = { deployments: { value: [], at: ago(0.2) }, unreadableSince: ago(0.1) }
    const view = statusView({ ...shared, history })
    expect(view.deployments?.readAt?.age).toBe('12s')
    expect(view.unreadableSince?.age).toBe('6s')
  })
})
