import supertest from 'supertest'
import { beforeEach, describe, expect, it } from 'vitest'
import { DatabaseError } from '../../src/errors.ts'
import { createApp } from '../../src/http/app.ts'
import { authorise } from '../../src/http/authorise.ts'
import { createSloReports } from '../../src/http/slo-reports.ts'
import { createSloRouter } from '../../src/http/slo-router.ts'
import { createTokenGate } from '../../src/http/token-gate.ts'
import type { ObjectiveTotals, TimeWindow } from '../../src/slo/objective-totals.ts'

const token = 'correct-horse-battery'
const wallMs = Date.parse('2026-11-22T10:00:00.000Z')
const minuteMs = 60_000
const totalsOf = ({ from, to }: TimeWindow): ObjectiveTotals[] => {
  // A bad request a minute among a hundred, and ten minutes in which a check was stale.
  const minutes = (to.getTime() - from.getTime()) / minuteMs
  return [
    { objective: 'availability', good: 99 * minutes, total: 100 * minutes },
    { objective: 'freshness', good: Math.max(0, minutes - 10), total: minutes },
  ]
}

let asked: (readonly TimeWindow[])[]
let read: (windows: readonly TimeWindow[]) => Promise<ObjectiveTotals[][]>
let nowMs: number

beforeEach(() => {
  asked = []
  nowMs = 0
  read = async (windows) => windows.map(totalsOf)
})

function slo({ open = true } = {}) {
  const gate = createTokenGate({ tokens: [token], monotonicMs: () => 0, onWrong: () => undefined })
  const sloReport = createSloReports({
    objectiveTotals: (windows) => {
      asked.push(windows)
      return read(windows)
    },
    wallMs: () => wallMs,
    monotonicMs: () => nowMs,
  })
  const router = createSloRouter({ sloReport, authoriseRead: authorise(gate, () => 'client', open) })
  const app = createApp({
    ...{ production: false, index: {}, routers: [router] },
    nextRequestId: () => 'r1',
    answerHeaders: (requestId) => ['X-Request-Id', requestId],
    onStarted: () => undefined,
    onFinished: () => undefined,
    onError: () => undefined,
  })
  return supertest(app)
}

describe('GET /api/slo', () => {
  it('tells ratio, budget and burn rates over seven windows, and null where nothing was counted', async () => {
    const { status, headers, body } = await slo().get('/api/slo?cache-buster=1')
    expect([status, headers['cache-control']]).toEqual([200, 'no-store'])
    expect(Object.keys(body)).toEqual(['asOf', 'objectives'])
    expect(body.asOf).toBe('2026-11-22T10:00:00.000Z')
    expect(body.objectives[0]).toEqual({
      name: 'availability',
      target: 0.999,
      windowDays: 30,
      good: 4_276_800,
      total: 4_320_000,
      ratio: 0.99,
      budgetRemaining: -9,
      enoughData: true,
      burnRates: [
        { window: '5m', rate: 10, events: 500 },
        { window: '30m', rate: 10, events: 3_000 },
        { window: '1h', rate: 10, events: 6_000 },
        { window: '2h', rate: 10, events: 12_000 },
        { window: '6h', rate: 10, events: 36_000 },
        { window: '1d', rate: 10, events: 144_000 },
        { window: '3d', rate: 10, events: 432_000 },
      ],
    })
    expect(body.objectives[1]).toMatchObject({ name: 'latency', good: 0, total: 0, ratio: null, budgetRemaining: null })
    expect(body.objectives[1].burnRates[0]).toEqual({ window: '5m', rate: null, events: 0 })
    expect(body.objectives[3].burnRates.slice(0, 2)).toEqual([
      { window: '5m', rate: 1_000, events: 5 },
      { window: '30m', rate: 333.333333333, events: 30 },
    ])
  })

  it('reads once for all who ask at once and within a quarter of a minute, then anew', async () => {
    const gathered = Promise.withResolvers<void>()
    read = async (windows) => {
      await gathered.promise
      return windows.map(totalsOf)
    }
    const agent = slo()
    const answers = Array.from({ length: 20 }, () => agent.get('/api/slo').then(({ status }) => status))
    setTimeout(gathered.resolve, 100)
    expect(new Set(await Promise.all(answers))).toEqual(new Set([200]))
    nowMs = 14_999
    await agent.get('/api/slo')
    expect(asked).toHaveLength(1)
    nowMs = 15_000
    await agent.get('/api/slo')
    expect(asked).toHaveLength(2)
    expect(asked[1]).toHaveLength(8)
  })

  it('says 503 while the database is away, and the truth as soon as it is back', async () => {
    read = () => Promise.reject(new DatabaseError('slo.totals', '57P01', new Error('host db.internal')))
    const agent = slo()
    const away = await agent.get('/api/slo')
    expect([away.status, away.headers['retry-after']]).toEqual([503, '5'])
    expect(away.text).not.toContain('db.internal')
    read = async (windows) => windows.map(totalsOf)
    expect((await agent.get('/api/slo')).status).toBe(200)
  })

  it('takes GET and HEAD only', async () => {
    const head = await slo().head('/api/slo')
    expect([head.status, head.text]).toEqual([200, undefined])
    const post = await slo().post('/api/slo')
    expect([post.status, post.headers.allow]).toEqual([405, 'GET, HEAD'])
  })

  it('asks for the Bearer token where the status is not public, and takes no Basic one', async () => {
    const agent = slo({ open: false })
    const refused = await agent.get('/api/slo').auth('operator', token)
    expect([refused.status, refused.headers['www-authenticate']]).toEqual([401, 'Bearer realm="medio"'])
    expect(asked).toEqual([])
    expect((await agent.get('/api/slo').auth(token, { type: 'bearer' })).status).toBe(200)
  })
})
