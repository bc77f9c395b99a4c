import { describe, expect, it } from 'vitest'
import type { CheckRecord } from '../../../src/health/check.ts'
import { renderJson } from '../../../src/health/format/json.ts'
import { buildReport } from '../../../src/health/report.ts'
import { emptyFacts, facts, failingRecords, healthyRecords } from './example.ts'

const timestamp = '2026-11-22T10:24:07.025Z'

describe('the JSON body', () => {
  it('is the one of the contract, key for key', () => {
    const body = renderJson(buildReport('ready', healthyRecords), facts)(timestamp, 448.837_1)
    expect(body).toMatchInlineSnapshot(
      `"{"status":"healthy","timestamp":"2026-11-22T10:24:07.025Z","uptime":448.84,"environment":"production","version":"1.0.0","commit":"abc123def","buildDate":"2026-11-22T09:00:00Z","machine":{"id":"28715d4c671438","region":"iad"},"resources":{"memory":{"used":45.2,"total":256,"unit":"MB"},"cpu":{"usage":5.3,"unit":"percent"}},"services":{"database":{"status":"healthy","responseTime":2.3,"checkedAt":"2026-11-22T10:24:03.625Z","pool":{"total":4,"active":1,"idle":3,"waiting":0,"max":10}},"sentry":{"status":"not configured"}},"dependencies":{"redis":"healthy","s3":"not configured","external_api":"healthy"},"reasons":[]}"`,
    )
  })

  it('names what fails, without the texts of the failures', () => {
    const body = renderJson(buildReport('ready', failingRecords), facts)(timestamp, 448.84)
    const { status, services, dependencies, reasons } = JSON.parse(body)
    expect({ status, services, dependencies, reasons }).toMatchInlineSnapshot(`
      {
        "dependencies": {
          "external_api": "degraded",
          "redis": "healthy",
          "s3": "not configured",
        },
        "reasons": [
          {
            "check": "database",
            "code": "connection_refused",
            "consecutiveFailures": 47,
            "since": "2026-11-22T10:19:55.025Z",
            "status": "unhealthy",
          },
          {
            "check": "external_api:stripe",
            "code": "bad_response",
            "consecutiveFailures": 2,
            "since": "2026-11-22T08:19:07.025Z",
            "status": "degraded",
          },
        ],
        "services": {
          "database": {
            "checkedAt": "2026-11-22T10:24:03.625Z",
            "pool": {
              "active": 1,
              "idle": 3,
              "max": 10,
              "total": 4,
              "waiting": 0,
            },
            "responseTime": 1.2,
            "status": "unhealthy",
          },
          "sentry": {
            "status": "not configured",
          },
        },
        "status": "unhealthy",
      }
    `)
    expect(body).not.toContain('ECONNREFUSED')
  })

  it('holds the texts of the failures when told to', () => {
    const body = renderJson(buildReport('ready', failingRecords), facts, { messages: true })(timestamp, 1)
    expect(JSON.parse(body).reasons.map((reason: { message: string }) => reason.message)).toEqual([
      'connect ECONNREFUSED\n\u001b[31mdb·internal:5432',
      'answered 503',
    ])
  })

  it('is ASCII alone, so that its length is its length in bytes', () => {
    const body = renderJson(buildReport('ready', failingRecords), facts, { messages: true })(timestamp, 1)
    expect(body).toContain('db\\u00b7internal')
    expect(Buffer.byteLength(body)).toBe(body.length)
  })

  it('keeps every key when nothing is known yet', () => {
    const unknown = healthyRecords.map((record) => ({
      name: record.name,
      scope: record.scope,
      critical: record.critical,
      status: record.status === 'not configured' ? record.status : ('unknown' as const),
      consecutiveFailures: 0,
    }))
    const body = renderJson(buildReport('starting', unknown), emptyFacts)(timestamp, 0.012)
    expect(body).toMatchInlineSnapshot(
      `"{"status":"starting","timestamp":"2026-11-22T10:24:07.025Z","uptime":0.01,"environment":"production","version":"1.0.0","commit":null,"buildDate":null,"machine":{"id":"28715d4c671438","region":"iad"},"resources":{"memory":{"used":null,"total":null,"unit":"MB"},"cpu":{"usage":null,"unit":"percent"}},"services":{"database":{"status":"unknown","responseTime":null,"checkedAt":null,"pool":null},"sentry":{"status":"not configured"}},"dependencies":{"redis":"unknown","s3":"not configured","external_api":"unknown"},"reasons":[]}"`,
    )
  })

  it('adds the checks by name for the deep body, in a fixed shape', () => {
    const body = renderJson(buildReport('ready', failingRecords), facts, { checks: true })(timestamp, 1)
    const { checks } = JSON.parse(body)
    expect(Object.keys(checks)).toEqual(failingRecords.map((record) => record.name))
    expect(checks.database).toMatchInlineSnapshot(`
      {
        "code": "connection_refused",
        "consecutiveFailures": 47,
        "critical": true,
        "durationMs": 1.2,
        "observedUnit": null,
        "observedValue": null,
        "scope": "shared",
        "since": "2026-11-22T10:19:55.025Z",
        "status": "unhealthy",
        "threshold": null,
        "time": "2026-11-22T10:24:03.625Z",
      }
    `)
    expect(checks.memory).toMatchInlineSnapshot(`
      {
        "code": null,
        "consecutiveFailures": 0,
        "critical": true,
        "durationMs": 0,
        "observedUnit": "percent",
        "observedValue": 17.7,
        "scope": "local",
        "since": null,
        "status": "healthy",
        "threshold": 95,
        "time": "2026-11-22T10:24:06.025Z",
      }
    `)
    expect(checks.s3).toMatchInlineSnapshot(`
      {
        "code": null,
        "consecutiveFailures": 0,
        "critical": false,
        "durationMs": null,
        "observedUnit": null,
        "observedValue": null,
        "scope": "shared",
        "since": null,
        "status": "not configured",
        "threshold": null,
        "time": null,
      }
    `)
  })

  it('calls what it has no record of unknown, and external APIs not configured when other checks are there', () => {
    const servicesOf = (records: readonly CheckRecord[]) => {
      const body = JSON.parse(renderJson(buildReport('starting', records), facts)(timestamp, 1))
      return [body.services.database.status, body.services.sentry.status, ...Object.values(body.dependencies)]
    }
    expect(servicesOf([])).toEqual(['unknown', 'unknown', 'unknown', 'unknown', 'unknown'])
    const database = healthyRecords.filter((record) => record.name === 'database')
    expect(servicesOf(database)).toEqual(['healthy', 'unknown', 'unknown', 'unknown', 'not configured'])
  })

  it('tells the worst of several external APIs', () => {
    const of = (...statuses: ('healthy' | 'idle' | 'unknown' | 'degraded' | 'stale' | 'unhealthy')[]) => {
      const records = statuses.map((status, index) => ({
        name: `external_api:${index}`,
        scope: 'shared' as const,
        critical: false,
        status,
        consecutiveFailures: 0,
      }))
      return JSON.parse(renderJson(buildReport('ready', records), facts)(timestamp, 1)).dependencies.external_api
    }
    expect([
      of('idle'),
      of('healthy', 'idle'),
      of('healthy', 'unknown'),
      of('degraded', 'healthy'),
      of('healthy', 'unhealthy', 'degraded'),
      of('stale', 'degraded'),
    ]).toEqual(['idle', 'healthy', 'unknown', 'degraded', 'unhealthy', 'stale'])
  })
})
