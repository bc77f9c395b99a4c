import { describe, expect, it } from 'vitest'
import { renderText } from '../../../src/health/format/text.ts'
import { buildReport } from '../../../src/health/report.ts'
import { facts, failingRecords, healthyRecords, nowMs } from './example.ts'

const options = { nowMs, uptimeSeconds: 448.84 }

describe('the text for a person', () => {
  it('says that all is well in a table and offers the deep run', () => {
    expect(renderText(buildReport('ready', healthyRecords), facts, options)).toMatchInlineSnapshot(`
      "HEALTHY | medio-backend 1.0.0 abc123def | machine 28715d4c671438 in iad | up 7m28s

      CHECK                STATUS          CODE  FAILING  MEASURED                     CHECKED
      database*            healthy         -     -        2.3 ms                       3s ago
      memory*              healthy         -     -        17.7 percent (threshold 95)  1s ago
      redis                healthy         -     -        -                            9s ago
      s3                   not configured  -     -        -                            -
      external_api:stripe  healthy         -     -        80 ms                        30s ago
      external_api:geo     idle            -     -        -                            5m00s ago
      sentry               not configured  -     -        -                            -

      * critical: the service is unhealthy while it fails
      next: curl -H "Authorization: Bearer $OPERATOR_TOKEN" $URL/api/health/deep runs every check now, with writes
      "
    `)
  })

  it('puts what fails first, with code, since when, and what to do next', () => {
    expect(renderText(buildReport('ready', failingRecords), facts, options)).toMatchInlineSnapshot(`
      "UNHEALTHY since 2026-11-22T10:19:55Z (for 4m12s) | medio-backend 1.0.0 abc123def | machine 28715d4c671438 in iad | up 7m28s

      CHECK                STATUS          CODE                FAILING                                            MEASURED                     CHECKED
      database*            unhealthy       connection_refused  for 4m12s since 2026-11-22T10:19:55Z, 47 in a row  -                            3s ago
      external_api:stripe  degraded        bad_response        for 2h05m since 2026-11-22T08:19:07Z, 2 in a row   80 ms                        30s ago
      memory*              healthy         -                   -                                                  17.7 percent (threshold 95)  1s ago
      redis                healthy         -                   -                                                  -                            9s ago
      s3                   not configured  -                   -                                                  -                            -
      external_api:geo     idle            -                   -                                                  -                            5m00s ago
      sentry               not configured  -                   -                                                  -                            -

      * critical: the service is unhealthy while it fails
      next: curl -H "Authorization: Bearer $OPERATOR_TOKEN" $URL/api/health/checks/database runs it now
      logs: event=health_changed tells what changed and when
      "
    `)
  })

  it('shows the texts of failures when told to, without letting them break a line or steer the terminal', () => {
    const lines = renderText(buildReport('ready', failingRecords), facts, { ...options, messages: true }).split('\n')
    expect(lines[3]?.split(/ {2,}/).at(-1)).toBe('connect ECONNREFUSED [31mdb·internal:5432')
    expect(lines[4]?.split(/ {2,}/).at(-1)).toBe('answered 503')
  })

  it('keeps its columns under each other', () => {
    const lines = renderText(buildReport('ready', failingRecords), facts, options).split('\n')
    const column = lines[2]?.indexOf('CHECKED') ?? -1
    for (const line of lines.slice(3, 7)) expect(line.slice(column - 2)).toMatch(/^ {2}\d+[smhd]/)
  })

  it('points at this process when results are stale, and at the start or the stop while those go on', () => {
    const stale = healthyRecords.map((record) =>
      record.name === 'database'
        ? { ...record, status: 'stale' as const, code: 'stale' as const, since: nowMs }
        : record,
    )
    const next = (text: string) => text.split('\n').find((line) => line.startsWith('next: '))
    expect(next(renderText(buildReport('ready', stale), facts, options))).toContain('$URL/api/health/live')
    expect(next(renderText(buildReport('starting', stale), facts, options))).toContain('$URL/api/health/startup')
    expect(next(renderText(buildReport('draining', stale), facts, options))).toContain('stops on purpose')
  })

  it('counts no age below zero when the wall clock was set back', () => {
    const text = renderText(buildReport('ready', healthyRecords), facts, { ...options, nowMs: nowMs - 86_400_000 })
    expect(text).toContain('0s ago')
    expect(text).not.toContain('-1')
  })
})
