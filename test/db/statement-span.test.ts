import pg from 'pg'
import { expect, it } from 'vitest'
import type { EndedStatement } from '../../src/db/statement-observer.ts'
import { createStatementSpans } from '../../src/db/statement-span.ts'
import { recordingTracing } from '../telemetry/recording-tracing.ts'

const ended: EndedStatement = {
  ...{ label: 'people.find', text: "select * from people where name = 'Ada' and id = $1" },
  ...{ startMs: 100, runMs: 20, acquireMs: 0, rows: 3, error: undefined },
}

it('makes nothing of a statement while nobody traces', () => {
  expect(createStatementSpans(() => undefined)()).toBeUndefined()
})

it('gives a statement its name, its times and its text without literals', () => {
  const { tracing, spans } = recordingTracing()
  const ids = createStatementSpans(() => tracing)()?.(ended)
  expect(ids).toEqual({ traceId: spans[0]?.traceId, spanId: spans[0]?.spanId })
  expect(spans).toEqual([
    {
      ...{ name: 'people.find', kind: 'client', startMs: 100, endMs: 120, ...ids, failure: undefined },
      attributes: {
        'db.system.name': 'postgresql',
        'db.query.text': 'select * from people where name = ? and id = ?',
        'db.query.summary': 'people.find',
        'db.response.returned_rows': 3,
      },
    },
  ])
})

it('tells of a failed statement its SQLSTATE and not the message, which may quote a value', () => {
  const { tracing, spans } = recordingTracing()
  const error = new pg.DatabaseError('invalid input syntax for type uuid: "Ada"', 0, 'error')
  Object.assign(error, { severity: 'ERROR', code: '22P02' })
  createStatementSpans(() => tracing)()?.({ ...ended, text: 'select $1::uuid', acquireMs: 1.23456, error })
  expect(spans[0]).toMatchObject({
    failure: { type: '22P02' },
    attributes: { 'db.response.status_code': '22P02', 'medio.acquire_ms': 1.235 },
  })
  expect(JSON.stringify(spans)).not.toContain('Ada')
})

it('names the class of an error without SQLSTATE', () => {
  const { tracing, spans } = recordingTracing()
  createStatementSpans(() => tracing)()?.({ ...ended, error: new RangeError('gone') })
  expect(spans[0]?.failure).toEqual({ type: 'RangeError' })
})
