import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { selectDailyAvailability } from '../../src/history/daily-availability.ts'
import { insertObservations } from '../../src/history/observations.ts'
import { readObservations } from '../../src/history/read-observations.ts'
import { mergeDeltas } from '../../src/history/rollups.ts'
import { type BucketQuery, bucketWidths, selectBuckets } from '../../src/history/select-buckets.ts'
import { isOk, type Observation, proberOffline } from '../../src/observation/observation.ts'
import { type OpenTestDatabase, openTestDatabase } from '../db/open-test-database.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

const beginMs = Date.UTC(2026, 10, 22, 10)

let testDatabase: TestDatabase
/** Two machines. */
let one: OpenTestDatabase['database']
let two: OpenTestDatabase['database']

beforeAll(async () => {
  testDatabase = await createTestDatabase()
  one = openTestDatabase(testDatabase.url).database
  two = openTestDatabase(testDatabase.url).database
})
afterAll(async () => {
  await one.end(1_000)
  await two.end(1_000)
  await testDatabase.drop()
})
beforeEach(async () => {
  await one.query({
    name: 'test.empty',
    text: 'truncate observations, observation_deltas, observation_rollups',
  })
})

const observed = (atMs: number, more: Partial<Observation> = {}): Observation => ({
  ...{ id: randomUUID(), at: new Date(atMs).toISOString(), target: 'api', source: 'london', durationMs: 100 },
  ...{ statusCode: 200, healthStatus: 'healthy', uptimeMs: 1_000_000 },
  ...more,
})

const pick = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)] as T

/** Of everything that a prober tells: answers, failures, cold starts, its own lost network, the service's own probes. */
function anyObservation(): Observation {
  const unanswered = pick([true, false, false, false])
  const { statusCode: _, healthStatus: __, uptimeMs: ___, ...rest } = observed(beginMs)
  return {
    ...rest,
    at: new Date(beginMs + Math.floor(Math.random() * 2 * 86_400_000)).toISOString(),
    target: pick(['api', 'site']),
    source: pick(['london', 'paris', 'self']),
    ...(pick([true, false]) && { region: pick(['iad', 'ams']) }),
    durationMs: 10 ** (Math.random() * 4),
    ...(unanswered
      ? { errorCode: pick(['timeout', proberOffline]) }
      : {
          statusCode: pick([200, 200, 200, 503]),
          healthStatus: pick(['healthy', 'degraded', 'unhealthy']),
          uptimeMs: pick([1, 1_000_000]),
        }),
  }
}

function bruteForce(all: readonly Observation[], query: BucketQuery) {
  const widthMs = bucketWidths[query.bucket] * 60_000
  const wanted = all.filter(
    (each) =>
      each.errorCode !== proberOffline &&
      (query.target === undefined || each.target === query.target) &&
      (query.source === undefined ? each.source !== 'self' : each.source === query.source) &&
      (query.region === undefined || each.region === query.region),
  )
  const count = (query.to.getTime() - query.from.getTime()) / widthMs
  return Array.from({ length: count }, (_, index) => {
    const atMs = query.from.getTime() + index * widthMs
    const within = wanted.filter(({ at }) => Date.parse(at) >= atMs && Date.parse(at) < atMs + widthMs)
    const answered = within.filter(({ statusCode }) => statusCode !== undefined)
    const durations = answered.map(({ durationMs }) => durationMs).sort((a, b) => a - b)
    const median = durations[Math.ceil(durations.length / 2) - 1]
    return {
      at: new Date(atMs).toISOString(),
      count: within.length,
      ok: within.filter(isOk).length,
      cold: answered.filter(({ uptimeMs = Infinity, durationMs }) => uptimeMs < durationMs).length,
      availability: within.length === 0 ? null : within.filter(isOk).length / within.length,
      maxMs: durations.at(-1) ?? null,
      median: durations.length >= 2 ? median : undefined,
    }
  })
}

async function expectTold(all: readonly Observation[], query: BucketQuery): Promise<void> {
  const found = await selectBuckets(one, query)
  const expected = bruteForce(all, query)
  expect(found.map(({ p50Ms: _, p95Ms: __, p99Ms: ___, ...rest }) => rest)).toEqual(
    expected.map(({ median: _, ...rest }) => rest),
  )
  for (const [index, { median }] of expected.entries()) {
    const told = found[index]?.p50Ms
    if (median === undefined) expect(told).toBeNull()
    else expect(Math.abs((told ?? 0) - median)).toBeLessThanOrEqual(median * 0.01 + 0.001)
  }
}

async function readAll(query: Parameters<typeof readObservations>[1]): Promise<Observation[]> {
  const all: Observation[] = []
  for await (const observation of readObservations(one, query)) all.push(observation)
  return all
}

describe('the rollups of observations', () => {
  it('tell of any observations what counting them one by one tells, merged or not', async () => {
    const all = Array.from({ length: 3_000 }, anyObservation)
    const from = new Date(beginMs)
    const queries: BucketQuery[] = [
      { from, to: new Date(beginMs + 3_600_000), bucket: '1m' },
      { from, to: new Date(beginMs + 86_400_000), bucket: '5m', target: 'api' },
      { from, to: new Date(beginMs + 2 * 86_400_000), bucket: '1h' },
      { from, to: new Date(beginMs + 2 * 86_400_000), bucket: '1h', source: 'self', region: 'iad' },
      { from, to: new Date(beginMs + 2 * 86_400_000), bucket: '1h', target: 'site', region: 'ams' },
      { from, to: new Date(beginMs + 2 * 86_400_000), bucket: '1h', region: 'ams' },
      { from, to: new Date(beginMs + 2 * 86_400_000), bucket: '1h', source: 'self' },
      { from, to: new Date(beginMs + 2 * 86_400_000), bucket: '1h', source: 'london', target: 'api' },
      { from: new Date(Date.UTC(2026, 10, 22)), to: new Date(Date.UTC(2026, 10, 25)), bucket: '1d', source: 'paris' },
    ]
    for (let start = 0; start < all.length; start += 500) {
      await insertObservations(one, all.slice(start, start + 500))
      // Leaves some unmerged in between.
      if (start % 1_500 === 0) await mergeDeltas(two)
      for (const query of queries) await expectTold(all.slice(0, start + 500), query)
    }
  })

  it('are merged once by however many machines, and by one at a time', async () => {
    await Promise.all(
      Array.from({ length: 120 }, (_, index) => insertObservations(one, [observed(beginMs + index * 1_000)])),
    )
    const merged: number[] = []
    await Promise.all(
      [one, two, one, two].map(async (machine) => {
        for (let count = await mergeDeltas(machine); count > 0; count = await mergeDeltas(machine)) merged.push(count)
      }),
    )
    expect(merged.reduce((sum, count) => sum + count, 0)).toBe(120)
    expect(await one.query({ name: 'test.deltas', text: 'select id from observation_deltas' })).toEqual([])
    const [hour] = await selectBuckets(one, {
      ...{ from: new Date(beginMs), to: new Date(beginMs + 1), bucket: '1h' },
    })
    expect(hour).toMatchObject({ count: 120, ok: 120, maxMs: 100 })
  })

  it('give the days of the status page without what the service told of itself', async () => {
    await insertObservations(one, [
      observed(beginMs),
      observed(beginMs, { statusCode: 503, healthStatus: 'unhealthy' }),
      observed(beginMs, { target: 'site' }),
      observed(beginMs + 86_400_000, { source: 'self' }),
    ])
    const range = { from: new Date(beginMs), to: new Date(beginMs + 86_400_000) }
    expect(await selectDailyAvailability(one, range)).toEqual([
      { day: '2026-11-22', count: 3, ok: 2 },
      { day: '2026-11-23', count: 0, ok: 0 },
    ])
    expect((await selectDailyAvailability(one, { ...range, target: 'site' }))[0]).toEqual({
      ...{ day: '2026-11-22', count: 1, ok: 1 },
    })
  })
})

describe('a batch of observations', () => {
  it('is stored once of each id, within it, after it and from two machines at once', async () => {
    const all = Array.from({ length: 500 }, (_, index) => observed(beginMs + index))
    const twice = [...all.slice(0, 250), ...all.slice(0, 250)]
    expect((await insertObservations(one, twice)).stored).toHaveLength(250)
    const shuffled = [...all].reverse()
    const results = await Promise.all(
      [one, two, one, two].map((machine, index) => insertObservations(machine, index % 2 === 0 ? all : shuffled)),
    )
    expect(results.reduce((sum, { stored }) => sum + stored.length, 0)).toBe(250)
    const [bucket] = await selectBuckets(two, { from: new Date(beginMs), to: new Date(beginMs + 1), bucket: '1h' })
    expect(bucket).toMatchObject({ count: 500, ok: 500 })
  })

  it('is stored whole or not at all', async () => {
    const beyond = observed(beginMs, { durationMs: -1 })
    await expect(insertObservations(one, [observed(beginMs), beyond])).rejects.toThrow('observations.insert')
    expect(await one.query({ name: 'test.all', text: 'select id from observations' })).toEqual([])
    expect(await one.query({ name: 'test.deltas', text: 'select id from observation_deltas' })).toEqual([])
  })

  it('that is empty costs no statement', async () => {
    expect(await insertObservations(one, [])).toEqual({ stored: [] })
  })
})

describe('the reader of stored observations', () => {
  it('gives every one as it was told, in order of time, over more than a page and with equal times', async () => {
    const whole: Observation = {
      ...observed(beginMs, { id: '00000000-0000-0000-0000-000000000000', intendedAt: '2026-11-22T09:59:59.990Z' }),
      ...{ region: 'iad', machine: 'm1', version: '1.0.0', resumeMs: 12.5, errorCode: 'bad_response', databaseMs: 2.3 },
      phases: { dnsMs: 1.5, firstByteMs: 100 },
      reasons: [{ check: 'redis', code: 'timeout' }],
    }
    const many = Array.from({ length: 2_500 }, (_, index) => observed(beginMs + Math.floor(index / 700)))
    await insertObservations(one, [...many, whole, observed(beginMs, { source: 'self' })])
    const range = { from: new Date(beginMs), to: new Date(beginMs + 3) }
    const read = await readAll(range)
    const expected = [whole, ...many.slice(0, 2_100)].sort((a, b) =>
      a.at === b.at ? (a.id < b.id ? -1 : 1) : a.at < b.at ? -1 : 1,
    )
    expect(read).toEqual(expected)
    expect(await readAll({ ...range, source: 'self' })).toHaveLength(1)
    expect(await readAll({ ...range, target: 'site' })).toEqual([])
  })
})
