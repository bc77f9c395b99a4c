import { describe, expect, it } from 'vitest'
import { proberOffline } from '../../src/observation/observation.ts'
import { createAssessment } from '../../src/report/assessment.ts'
import { defaultCriteria } from '../../src/report/criterion.ts'
import { durations, random } from '../support/random.ts'
import { assess, recordedRun } from './recorded-run.ts'

// All figures below were computed by hand from the table of the run.
describe('the recorded run', () => {
  const report = assess(recordedRun)

  it('is from its first to its last probe', () => {
    expect([report.from, report.to]).toEqual(['2026-11-22T10:00:00.000Z', '2026-11-22T10:10:15.000Z'])
  })

  it('counts each observation once, and neither the offline prober nor the service itself as good or bad', () => {
    expect(report.counts).toEqual({
      observations: 42,
      ok: 35,
      failed: 5,
      offline: 1,
      self: 1,
      cold: 1,
      resume: 1,
      warm: 36,
      unclassified: 2,
      invalidLines: 0,
      outOfOrder: 0,
    })
  })

  it('has response times of the 39 answers', () => {
    const { histogram, mean, intervals, ...figures } = report.latencyMs.all
    expect(figures).toEqual({
      count: 39,
      min: 12,
      max: 2_140,
      p50: 66,
      p75: 78,
      p90: 84,
      p95: 430,
      p99: null,
      exact: true,
    })
    expect(mean).toBeCloseTo(4_882 / 39, 10)
    // Ranks 13 and 27 of 39 for the median; for p95 even the greatest of 39 is no bound.
    expect(intervals.p50).toEqual({ low: 57, high: 75 })
    expect([intervals.p95, intervals.p99]).toEqual([null, null])
    expect(histogram.reduce((sum, [, count]) => sum + count, 0)).toBe(39)
  })

  it('has response times of the warm ones apart', () => {
    const { count, min, max, p50, p75, p90, p95, p99 } = report.latencyMs.warm
    expect([count, min, p50, p75, p90, p95, p99, max]).toEqual([36, 30, 65, 76, 82, 84, null, 85])
  })

  it('has one cold start and one resume, of which no percentile can be told', () => {
    const [cold, resume] = [report.latencyMs.cold, report.latencyMs.resume]
    expect([cold.count, cold.min, cold.p50, cold.max]).toEqual([1, 2_140, null, 2_140])
    expect([resume.count, resume.mean, resume.p50]).toEqual([1, 430, null])
  })

  it('was available for 35 of 40 probes, which proves 73.9 % to 94.5 %', () => {
    const { good, total, ratio, low, high } = report.availability
    expect([good, total, ratio]).toEqual([35, 40, 0.875])
    expect(low).toBeCloseTo(0.7389, 4)
    expect(high).toBeCloseTo(0.9454, 4)
  })

  it('had three outages, each from the last good to the first bad and from the last bad to the first good probe', () => {
    const at = (time: string) => `2026-11-22T10:${time}.000Z`
    expect(report.outages).toEqual({
      count: 3,
      leastMs: 30_000,
      mostMs: 120_000,
      listed: [
        {
          ...{ lastGoodAt: at('03:45'), firstBadAt: at('04:00'), lastBadAt: at('04:30'), firstGoodAt: at('04:45') },
          ...{ leastMs: 30_000, mostMs: 60_000, probes: 3, restarts: [] },
          codes: [{ code: 'database:connection_refused', count: 3 }],
        },
        {
          ...{ lastGoodAt: at('05:15'), firstBadAt: at('05:30'), lastBadAt: at('05:30'), firstGoodAt: at('05:45') },
          ...{ leastMs: 0, mostMs: 30_000, probes: 1, restarts: ['m1'] },
          codes: [{ code: 'fly_PC01', count: 1 }],
        },
        {
          ...{ lastGoodAt: at('07:00'), firstBadAt: at('07:15'), lastBadAt: at('07:15'), firstGoodAt: at('07:30') },
          ...{ leastMs: 0, mostMs: 30_000, probes: 1, restarts: ['m1'] },
          codes: [{ code: 'timeout', count: 1 }],
        },
      ],
    })
  })

  it('told eight stretches of health', () => {
    expect(report.stretches.listed.map(({ told, probes }) => [told, probes])).toEqual([
      ['healthy', 15],
      ['degraded (database:timeout)', 1],
      ['unhealthy (http_503, database:connection_refused)', 3],
      ['healthy', 3],
      ['fly_PC01', 1],
      ['healthy', 5],
      ['timeout', 1],
      ['healthy', 11],
    ])
  })

  it('saw two machines, one of which ran three processes', () => {
    const [first, second] = report.machines
    expect(first).toMatchObject({
      id: 'm1',
      regions: ['iad'],
      versions: ['1.0.0', '1.1.0'],
      observations: 36,
      failed: 3,
    })
    expect(first).toMatchObject({ cold: 1, resume: 1, warm: 34, restarts: 2, deploys: 1, uptimeMs: 169_010 })
    expect(first?.runs.map(({ startedAt, firstSeenAt, lastSeenAt }) => [startedAt, firstSeenAt, lastSeenAt])).toEqual([
      ['2026-11-22T10:00:01.328Z', '2026-11-22T10:00:00.000Z', '2026-11-22T10:05:15.000Z'],
      ['2026-11-22T10:05:42.070Z', '2026-11-22T10:05:45.000Z', '2026-11-22T10:06:15.000Z'],
      ['2026-11-22T10:07:26.075Z', '2026-11-22T10:07:30.000Z', '2026-11-22T10:10:15.000Z'],
    ])
    expect(second).toMatchObject({ id: 'm2', regions: ['ewr'], versions: ['1.1.0'], observations: 2, restarts: 0 })
  })

  it('names what happened with its evidence', () => {
    expect(report.happenings.listed.map(({ at, kind, evidence }) => [at.slice(14, 19), kind, evidence])).toEqual([
      ['00:00', 'cold', 'its process was 812 ms old after a wait of 2,140 ms, so it started meanwhile'],
      ['02:30', 'resume', 'it had resumed 300 ms before the end of a wait of 430 ms'],
      ['05:30', 'proxy_retry', "Fly's proxy answered PC01: the connection to the machine was refused"],
      ['05:45', 'deploy', 'machine m1 went from 1.0.0 to 1.1.0'],
      ['05:45', 'restart', 'the uptime of machine m1 went down from 313.7 s to 3 s'],
      ['07:30', 'restart', 'the uptime of machine m1 went down from 33 s to 4 s'],
    ])
    const restarts = report.happenings.listed.filter(({ kind }) => kind === 'restart')
    expect(restarts.map(({ cause, sinceAt }) => [cause, sinceAt])).toEqual([
      ['deploy', '2026-11-22T10:05:15.000Z'],
      ['unknown', '2026-11-22T10:06:15.000Z'],
    ])
  })

  it('judges the default criteria over all and over warm', () => {
    expect(report.verdict).toBe('not_met')
    expect(report.criteria.map(({ id, population, value, verdict }) => [id, population, value, verdict])).toEqual([
      ['SC-004', 'all', 2_140, 'not_met'],
      ['SC-004', 'warm', 85, 'met'],
      ['SC-005', 'all', 4, 'not_met'],
      ['SC-005', 'warm', 4, 'not_met'],
      ['SC-006', 'all', 6, 'not_met'],
      ['SC-006', 'warm', 4, 'not_met'],
      ['SC-007', 'all', 4, 'not_met'],
      ['SC-007', 'warm', 3, 'not_met'],
      ['SC-010', 'all', 40, 'met'],
      ['SC-010', 'warm', 40, 'met'],
    ])
  })

  it('knows the database by 34 checks, 4 probes that told of its absence, and 2 that told nothing', () => {
    const { responseMs, connectionErrors, silentProbes } = report.database
    // 3 to 7 ms in turn, and once 40.
    expect([responseMs.count, responseMs.min, responseMs.p50, responseMs.max]).toEqual([34, 3, 5, 40])
    expect(connectionErrors).toEqual([
      { code: 'connection_refused', count: 3 },
      { code: 'timeout', count: 1 },
    ])
    expect(silentProbes).toBe(2)
  })

  it('draws one interval for each probe, since they are few', () => {
    expect(report.series.widthMs).toBe(1_000)
    expect(report.series.buckets).toHaveLength(40)
    expect(report.series.buckets[0]).toEqual({
      ...{ at: '2026-11-22T10:00:00.000Z', count: 1, ok: 1, failed: 0, cold: 1, resume: 0 },
      ...{ p50Ms: null, p95Ms: null, maxMs: 2_140 },
    })
  })

  it('found what the rules say, the worst first', () => {
    expect(report.findings.map(({ rule, severity }) => [severity, rule])).toEqual([
      ['critical', 'outages'],
      ['critical', 'database-unreachable'],
      ['warning', 'no-answer'],
      ['warning', 'gateway-errors'],
      ['warning', 'unasked-restarts'],
      ['warning', 'degraded'],
      ['warning', 'slow-cold-starts'],
      ['note', 'prober-trouble'],
      ['note', 'few-samples'],
      ['note', 'unclassified'],
    ])
  })

  it('keeps the observations themselves, with what each was classified by', () => {
    expect(report.samples).toHaveLength(42)
    expect(report.samples?.[27]?.happenings.map(({ evidence }) => evidence)).toEqual([
      'machine m2 answered, and m1 the time before',
    ])
    expect(report.samples?.[40]?.happenings).toEqual([])
  })
})

describe('an assessment', () => {
  const healthy = { target: 'api', source: 'prober-1', durationMs: 146, statusCode: 200, healthStatus: 'healthy' }
  const minutes = (count: number, each: object = {}) =>
    Array.from({ length: count }, (_, index) => {
      const at = new Date(Date.UTC(2026, 10, 22, 10) + index * 60_000).toISOString()
      return { ...healthy, id: `id-${index}`, at, ...each }
    })

  it('shows its progress while it reads', () => {
    const assessment = createAssessment({ target: 'api', criteria: defaultCriteria })
    const kinds = recordedRun.slice(0, 20).map((observation) => assessment.add(observation))
    expect(kinds.slice(9, 12)).toEqual(['warm', 'resume', 'warm'])
    expect(assessment.progress()).toEqual({
      ...{ observations: 20, ok: 17, failed: 3, cold: 1, resume: 1, warm: 18 },
      ...{ p50Ms: 55, p95Ms: 430, p99Ms: null },
    })
  })

  it('of nothing has not enough data for anything', () => {
    const report = assess([])
    expect([report.verdict, report.from, report.availability.ratio]).toEqual(['not_enough_data', null, null])
    expect(report.criteria.map(({ verdict }) => verdict)).toEqual(new Array(10).fill('not_enough_data'))
  })

  it('of an offline prober alone has not enough data, and no outage', () => {
    const offline = minutes(20).map(({ statusCode: _, healthStatus: __, ...rest }) => ({
      ...rest,
      errorCode: proberOffline,
    }))
    const report = assess(offline)
    expect([report.verdict, report.counts.offline, report.outages.count]).toEqual(['not_enough_data', 20, 0])
  })

  it('of a target that is down is not met', () => {
    const down = minutes(20).map(({ statusCode: _, healthStatus: __, ...rest }) => ({ ...rest, errorCode: 'timeout' }))
    const report = assess(down)
    expect([report.verdict, report.availability.ratio, report.latencyMs.all.count]).toEqual(['not_met', 0, 0])
    expect(report.outages.listed).toMatchObject([
      { lastGoodAt: null, firstGoodAt: null, probes: 20, leastMs: 1_140_000 },
    ])
  })

  it('of 20 good probes is met, and does not call them 100 %', () => {
    const report = assess(minutes(20, { uptimeMs: 60_000_000, databaseMs: 2 }))
    expect(report.verdict).toBe('met')
    expect(report.availability.low).toBeCloseTo(0.8389, 4)
    expect(report.latencyMs.all).toMatchObject({ p95: 146, p99: null })
  })

  it('goes on after a report, and tells an outage that lasts as one', () => {
    const assessment = createAssessment({ target: 'api', criteria: defaultCriteria })
    const outage = () => assessment.finish({ evidence: { gaps: [] } }).outages
    const bad = { ...healthy, statusCode: 503, healthStatus: 'unhealthy' }
    const at = (minute: number) => ({
      id: `id-${minute}`,
      at: new Date(Date.UTC(2026, 10, 22, 10, minute)).toISOString(),
    })
    assessment.add({ ...healthy, ...at(0) })
    assessment.add({ ...bad, ...at(1) })
    expect(outage()).toMatchObject({ count: 1, mostMs: 60_000, listed: [{ probes: 1, firstGoodAt: null }] })
    assessment.add({ ...bad, ...at(2) })
    expect(outage()).toMatchObject({ count: 1, mostMs: 120_000, listed: [{ probes: 2, firstGoodAt: null }] })
    assessment.add({ ...healthy, ...at(3) })
    expect(outage()).toMatchObject({ count: 1, mostMs: 180_000, listed: [{ probes: 2, firstGoodAt: at(3).at }] })
  })

  it('takes the reason of a restart from the record of its machine, where the probes can’t tell it', () => {
    const event = { kind: 'start', source: 'service' } as const
    const causes = (startAt: string, machine = 'm1') => {
      const machineEvents = [{ ...event, machine, at: startAt, reason: 'deploy' as const }]
      const report = assess(recordedRun, { evidence: { machineEvents, gaps: [] } })
      return report.happenings.listed.filter(({ kind }) => kind === 'restart').map(({ cause }) => cause)
    }
    // The probes have the process start at 10:07:26.075.
    expect(causes('2026-11-22T10:07:20.000Z')).toEqual(['deploy', 'deploy'])
    expect(causes('2026-11-22T10:06:40.000Z')).toEqual(['deploy', 'unknown'])
    expect(causes('2026-11-22T10:07:20.000Z', 'm2')).toEqual(['deploy', 'unknown'])
  })

  it('leaves the service’s probes of itself out of every figure', () => {
    const report = assess([...minutes(3), ...minutes(5, { source: 'self', durationMs: 9_000, statusCode: 503 })])
    expect(report.availability).toMatchObject({ good: 3, total: 3 })
    expect([report.latencyMs.all.max, report.counts.self]).toEqual([146, 5])
  })

  it('of more than 1,000 keeps none of them, and has the series instead', () => {
    const report = assess(minutes(1_001))
    expect(report.samples).toBeNull()
    // 1,001 minutes in at most 48 intervals of a width that people count in.
    expect(report.series.widthMs).toBe(1_800_000)
    expect(report.series.buckets).toHaveLength(34)
    expect(report.series.buckets.reduce((sum, { count }) => sum + count, 0)).toBe(1_001)
  })

  it('bounds what it keeps of outages, machines, versions and codes', () => {
    const next = random(9)
    const times = durations(next, 30_000)
    const many = times.map((durationMs, index) => ({
      ...healthy,
      ...{ id: `id-${index}`, at: new Date(1_763_805_600_000 + index * 1_000).toISOString(), durationMs },
      ...{ machine: `m${index}`, version: `v${index}`, region: `r${index}`, uptimeMs: index % 7 },
      ...(index % 2 === 0 ? {} : { statusCode: 500, reasons: [{ check: `c${index}`, code: 'check_failed' }] }),
    }))
    const report = assess(many)
    expect(report.outages).toMatchObject({ count: 15_000 })
    expect([report.outages.listed.length, report.machines.length, report.stretches.listed.length]).toEqual([
      201, 200, 201,
    ])
    // Of each kind: cold starts and deploys.
    expect(report.happenings.listed).toHaveLength(400)
    expect(report.happenings.count).toBeGreaterThan(29_999)
    expect(report.series.buckets.length).toBeLessThanOrEqual(48)
    expect(JSON.stringify(report).length).toBeLessThan(1_000_000)
  })

  it('tells the longest outage, also behind hundreds of short ones', () => {
    const flapping = minutes(600).map((observation, index) =>
      index % 2 === 0 ? observation : { ...observation, statusCode: 503 },
    )
    const long = flapping.map((observation, index) =>
      index > 500 && index < 520 ? { ...observation, statusCode: 503 } : observation,
    )
    const { outages } = assess(long)
    expect([outages.count, outages.listed.length]).toEqual([291, 201])
    expect(Math.max(...outages.listed.map(({ mostMs }) => mostMs))).toBe(20 * 60_000)
    const begins = outages.listed.map(({ firstBadAt }) => firstBadAt)
    expect(begins).toEqual(begins.toSorted())
  })

  it('tells the one restart behind hundreds of cold starts', () => {
    const cold = minutes(300, { machine: 'm1', uptimeMs: 100 })
    const at = (minute: number) => ({ at: new Date(Date.UTC(2026, 10, 22, 10) + minute * 60_000).toISOString() })
    const up = { ...healthy, machine: 'm1' }
    const report = assess([
      ...cold,
      { ...up, id: 'a', ...at(300), uptimeMs: 60_100 },
      { ...up, id: 'b', ...at(301), uptimeMs: 5_000 },
    ])
    expect(report.counts.cold).toBe(300)
    expect(report.happenings.listed.filter(({ kind }) => kind === 'cold')).toHaveLength(200)
    expect(report.findings.map(({ rule }) => rule)).toContain('unasked-restarts')
  })

  it('compares times by their own order when the clock was set back', () => {
    const back = [...minutes(5), ...minutes(3)].map((observation, index) => ({ ...observation, id: `id-${index}` }))
    const report = assess(back)
    expect([report.counts.outOfOrder, report.from, report.to]).toEqual([
      1,
      '2026-11-22T10:00:00.000Z',
      '2026-11-22T10:04:00.000Z',
    ])
  })
})
