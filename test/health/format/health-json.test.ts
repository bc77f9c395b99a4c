import { describe, expect, it } from 'vitest'
import { renderHealthJson } from '../../../src/health/format/health-json.ts'
import { buildReport } from '../../../src/health/report.ts'
import { facts, failingRecords, healthyRecords } from './example.ts'

describe('the health+json body', () => {
  it('is that of the IETF draft, several nodes of a kind in one array', () => {
    const body = renderHealthJson(buildReport('ready', failingRecords), facts)
    expect(JSON.parse(body)).toMatchInlineSnapshot(`
      {
        "checks": {
          "database:responseTime": [
            {
              "code": "connection_refused",
              "componentType": "datastore",
              "since": "2026-11-22T10:19:55.025Z",
              "status": "fail",
              "time": "2026-11-22T10:24:03.625Z",
            },
          ],
          "external_api:responseTime": [
            {
              "code": "bad_response",
              "componentId": "stripe",
              "componentType": "component",
              "observedUnit": "ms",
              "observedValue": 80,
              "since": "2026-11-22T08:19:07.025Z",
              "status": "warn",
              "time": "2026-11-22T10:23:37.025Z",
            },
            {
              "componentId": "geo",
              "componentType": "component",
              "status": "pass",
              "time": "2026-11-22T10:19:07.025Z",
            },
          ],
          "memory:utilization": [
            {
              "componentType": "system",
              "observedUnit": "percent",
              "observedValue": 17.7,
              "status": "pass",
              "time": "2026-11-22T10:24:06.025Z",
            },
          ],
          "redis:responseTime": [
            {
              "componentType": "datastore",
              "status": "pass",
              "time": "2026-11-22T10:23:58.025Z",
            },
          ],
        },
        "description": "health of medio-backend in iad, production",
        "notes": [
          "unhealthy",
          "database: connection_refused",
          "external_api:stripe: bad_response",
        ],
        "releaseId": "abc123def",
        "serviceId": "28715d4c671438",
        "status": "fail",
        "version": "1.0.0",
      }
    `)
    expect(body).not.toContain('ECONNREFUSED')
  })

  it('holds the output of failing checks alone, and only when told to', () => {
    const { checks } = JSON.parse(renderHealthJson(buildReport('ready', failingRecords), facts, { messages: true }))
    expect(checks['external_api:responseTime'].map((entry: { output?: string }) => entry.output)).toEqual([
      'answered 503',
      undefined,
    ])
  })

  it.each([
    ['ready', healthyRecords, 'pass'],
    ['ready', failingRecords.filter((record) => record.name !== 'database'), 'warn'],
    ['ready', failingRecords, 'fail'],
    ['starting', healthyRecords, 'fail'],
    ['draining', healthyRecords, 'fail'],
  ] as const)('in the lifecycle state %s says what the HTTP code says', (lifecycleState, records, status) => {
    expect(JSON.parse(renderHealthJson(buildReport(lifecycleState, records), facts)).status).toBe(status)
  })
})
