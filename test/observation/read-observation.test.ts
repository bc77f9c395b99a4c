import { expect, it } from 'vitest'
import { readObservation } from '../../src/observation/read-observation.ts'

const least = { at: '2026-11-22T10:00:00.000Z', durationMs: 146, statusCode: 200, healthStatus: 'healthy' }
const whole = {
  id: '2ed6657d-e927-568b-95e1-2665a8aea6a2',
  at: '2026-11-22T10:00:00.012Z',
  intendedAt: '2026-11-22T10:00:00.000Z',
  target: 'api',
  source: 'london',
  region: 'iad',
  machine: '28715d4c671438',
  version: '1.0.0',
  durationMs: 146.25,
  statusCode: 503,
  healthStatus: 'unhealthy',
  uptimeMs: 448_840,
  resumeMs: 1_200.5,
  phases: { dnsMs: 1.5, connectMs: 10, tlsMs: 20, firstByteMs: 100 },
  errorCode: 'bad_response',
  databaseMs: 2.3,
  reasons: [{ check: 'database', code: 'timeout' }],
}

function problemsOf(value: unknown) {
  const result = readObservation(value)
  return 'problems' in result ? result.problems : []
}

it('takes a whole observation as it is', () => {
  expect(readObservation(whole)).toEqual({ observation: whole })
})

it('completes the least that a line needs with the defaults and an id of its own', () => {
  const once = readObservation(least, { target: 'api', source: 'file' })
  expect(once).toEqual({ observation: { ...least, target: 'api', source: 'file', id: expect.any(String) } })
  expect(readObservation(least, { target: 'api', source: 'file' })).toEqual(once)
  expect(readObservation(least, { target: 'api', source: 'elsewhere' })).not.toEqual(once)
  expect(readObservation(least)).toMatchObject({ observation: { target: 'service', source: 'outside' } })
})

it('gives one probe one id however its time is written', () => {
  const idOf = (at: string) => {
    const result = readObservation({ ...least, at })
    return 'observation' in result ? result.observation.id : undefined
  }
  expect(idOf('2026-11-22T12:00:00+02:00')).toBe(idOf('2026-11-22T10:00:00.000Z'))
})

it('tells times in UTC with milliseconds and ids in lower case', () => {
  const told = { ...whole, at: '2026-11-22T11:00:00.0129+01:00', id: whole.id.toUpperCase() }
  expect(readObservation(told)).toEqual({ observation: whole })
})

it('leaves what it does not know alone, and takes null for absent', () => {
  const more = { ...whole, colour: 'red', phases: { ...whole.phases, waitMs: 'long' } }
  expect(readObservation({ ...more, region: null })).toEqual({
    observation: Object.fromEntries(Object.entries(whole).filter(([name]) => name !== 'region')),
  })
})

it('takes a probe that nobody answered when it says why', () => {
  const { statusCode: _, healthStatus: __, ...unanswered } = least
  expect(readObservation({ ...unanswered, errorCode: 'timeout' })).toMatchObject({
    observation: { errorCode: 'timeout', durationMs: 146 },
  })
  expect(problemsOf(unanswered)).toEqual([{ field: 'statusCode', detail: 'is missing, and no errorCode says why' }])
})

it.each([undefined, null, 'text', 7, [], [least]])('refuses %j, which is no object', (value) => {
  expect(problemsOf(value)).toEqual([{ field: '', detail: 'is not a JSON object' }])
})

it('names every field at fault at once', () => {
  const faults = { ...whole, at: 'yesterday', durationMs: -1, machine: '' }
  expect(problemsOf(faults).map(({ field }) => field)).toEqual(['at', 'durationMs', 'machine'])
  expect(problemsOf({})).toEqual([
    { field: 'at', detail: 'is missing' },
    { field: 'durationMs', detail: 'is missing' },
    { field: 'statusCode', detail: 'is missing, and no errorCode says why' },
  ])
})

it.each([
  ['id', 'x'],
  ['id', 7],
  ['at', 1_763_805_600_000],
  ['at', '2026-11-22T10:00:00'],
  ['at', '1999-12-31T23:59:59.999Z'],
  ['at', '2100-01-01T00:00:00.000Z'],
  ['at', `2026-11-22T10:00:00.${'0'.repeat(1_000)}Z`],
  ['intendedAt', '2026-02-30T10:00:00.000Z'],
  ['target', ''],
  ['target', 'x'.repeat(257)],
  ['target', 'a\0b'],
  ['target', '\ud800'],
  ['source', 'x'.repeat(65)],
  ['region', 7],
  ['machine', 'x'.repeat(129)],
  ['version', {}],
  ['healthStatus', true],
  ['errorCode', 'x'.repeat(65)],
  ['durationMs', -0.001],
  ['durationMs', 86_400_001],
  ['durationMs', Number.NaN],
  ['durationMs', Number.POSITIVE_INFINITY],
  ['durationMs', '146'],
  ['uptimeMs', -1],
  ['resumeMs', 1e308],
  ['databaseMs', []],
  ['statusCode', 99],
  ['statusCode', 600],
  ['statusCode', 200.5],
  ['statusCode', '200'],
  ['phases', []],
  ['phases', 'fast'],
  ['reasons', {}],
  ['reasons', Array.from({ length: 65 }, () => ({ check: 'database', code: 'timeout' }))],
])('refuses an observation whose %s is %j', (field, value) => {
  expect(problemsOf({ ...whole, [field]: value })).toEqual([{ field, detail: expect.stringMatching(/^is not a/) }])
})

it.each([
  ['phases.tlsMs', { phases: { tlsMs: -1 } }],
  ['phases.firstByteMs', { phases: { firstByteMs: '1' } }],
  ['reasons[0].check', { reasons: [{ code: 'timeout' }] }],
  [
    'reasons[1].code',
    {
      reasons: [
        { check: 'database', code: 'timeout' },
        { check: 'redis', code: '' },
      ],
    },
  ],
  ['reasons[0].check', { reasons: ['database'] }],
])('names the inner field %s that can not be used', (field, fault) => {
  expect(problemsOf({ ...whole, ...fault }).map((problem) => problem.field)).toEqual([field])
})
