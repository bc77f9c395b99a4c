import { beforeEach, describe, expect, it } from 'vitest'
import type { CheckRecord, CheckStatus } from '../../src/health/check.ts'
import { createIncidentTracker, type IncidentTracker } from '../../src/history/incident-tracker.ts'
import type { IncidentReport } from '../../src/history/incidents.ts'

const beginMs = Date.UTC(2026, 10, 22, 10)
let nowMs: number
let records: CheckRecord[]
let reports: IncidentReport[]
let tracker: IncidentTracker

beforeEach(() => {
  nowMs = 0
  records = []
  reports = []
  tracker = createIncidentTracker({
    machine: { id: 'one', region: 'iad' },
    records: () => records,
    monotonicMs: () => nowMs,
    wallMs: () => beginMs + nowMs,
    onReport: (report) => reports.push(report),
  })
})

const iso = (ms: number) => new Date(beginMs + ms).toISOString()

function look(status: CheckStatus, atMs: number, sinceMs?: number): void {
  nowMs = atMs
  records = [
    {
      ...{
        name: 'database',
        scope: 'shared',
        critical: true,
        status,
        consecutiveFailures: status === 'healthy' ? 0 : 3,
      },
      ...(sinceMs !== undefined && {
        since: beginMs + sinceMs,
        code: 'timeout',
        message: 'no answer from db.internal',
      }),
    },
  ]
  tracker.look()
}

describe('the tracker of incidents', () => {
  it('tells of a failure once it is settled, from its first failed run on, with what is known of it', () => {
    look('healthy', 0)
    look('degraded', 1_000, 500)
    expect(reports).toEqual([])
    look('unhealthy', 3_000, 500)
    look('unhealthy', 8_000, 500)
    expect(reports).toEqual([
      {
        ...{
          change: 'opened',
          check: 'database',
          scope: 'shared',
          machineId: 'one',
          openedAt: iso(500),
          code: 'timeout',
        },
        evidence: {
          ...{ status: 'unhealthy', consecutiveFailures: 3, critical: true, machine: 'one', region: 'iad' },
          message: 'no answer from db.internal',
        },
      },
    ])
    expect(tracker.failing()).toEqual(['database'])
  })

  it('tells of the recovery when it has lasted, as of its beginning', () => {
    look('unhealthy', 0, 0)
    look('healthy', 10_000)
    look('healthy', 69_999)
    expect(reports).toHaveLength(1)
    expect(tracker.well()).toEqual([])
    look('healthy', 70_000)
    expect(reports[1]).toEqual({
      ...{ change: 'recovered', check: 'database', scope: 'shared', machineId: 'one', recoveredAt: iso(10_000) },
    })
    look('healthy', 200_000)
    expect(reports).toHaveLength(2)
    expect(tracker.well()).toEqual([{ check: 'database', since: new Date(beginMs + 10_000) }])
    expect(tracker.failing()).toEqual([])
  })

  it('makes one incident of a check that flaps', () => {
    look('unhealthy', 0, 0)
    for (let cycle = 1; cycle <= 20; cycle++) {
      look('healthy', cycle * 60_000 - 50_000)
      look('unhealthy', cycle * 60_000, cycle * 60_000 - 1_000)
    }
    expect(reports.map(({ change }) => change)).toEqual(['opened'])
    look('healthy', 1_300_000)
    look('healthy', 1_360_000)
    expect(reports[1]).toMatchObject({ change: 'recovered', recoveredAt: iso(1_300_000) })
  })

  it('takes a warning for an incident when it has lasted a minute', () => {
    look('degraded', 59_999, 0)
    expect(reports).toEqual([])
    look('degraded', 60_000, 0)
    expect(reports).toMatchObject([{ change: 'opened', openedAt: iso(0) }])
  })

  it('takes a stale result for a failure, and one that is not known for neither', () => {
    look('stale', 0)
    expect(reports).toMatchObject([{ change: 'opened', openedAt: iso(0), code: 'check_failed' }])
    look('idle', 10_000)
    look('unknown', 100_000)
    look('healthy', 110_000)
    look('healthy', 169_000)
    expect(reports).toHaveLength(1)
    look('healthy', 170_000)
    expect(reports).toHaveLength(2)
  })

  it('tells again of a failure whose incident was closed by others, from then on', () => {
    look('unhealthy', 0, 0)
    nowMs = 900_000
    tracker.reopen(['database', 'never seen'])
    look('unhealthy', 905_000, 0)
    expect(reports[1]).toMatchObject({ change: 'opened', openedAt: iso(900_000) })
  })
})
