/** How long a month of 40 probes takes to be told, and whether that grows with its rows or with what is asked for. */
import { randomUUID } from 'node:crypto'
import { readEnv, toConfig } from '../src/config.ts'
import { createDatabase } from '../src/db/database.ts'
import type { Queryable } from '../src/db/queryable.ts'
import { insertObservations } from '../src/history/observations.ts'
import { mergeDeltas } from '../src/history/rollups.ts'
import { type BucketQuery, selectBuckets } from '../src/history/select-buckets.ts'
import type { Observation } from '../src/observation/observation.ts'
import { requestContext } from '../src/telemetry/request-context.ts'
import { createServiceObserver } from './contestants/service-observer.ts'
import { observationAt, observationsBeginMs } from './harness/observations.ts'
import { medianOf, print, printMark, worstOf } from './harness/report.ts'
import { interleave, type Results } from './harness/rounds.ts'
import type { Stage } from './harness/stage.ts'

const batchSize = 1_000
const dayMs = 86_400_000

const query = (days: number, rest: Pick<BucketQuery, 'bucket'> & Partial<BucketQuery>): BucketQuery => ({
  from: new Date(observationsBeginMs),
  to: new Date(observationsBeginMs + days * dayMs),
  ...rest,
})
const queries: Readonly<Record<string, BucketQuery>> = {
  'a month by day': query(30, { bucket: '1d' }),
  'a month by hour': query(30, { bucket: '1h' }),
  'a month by hour, one target': query(30, { bucket: '1h', target: 'target-7' }),
  'a month by hour, one source and region': query(30, { bucket: '1h', source: 'london', region: 'iad' }),
  'five days by 5 minutes': query(5, { bucket: '5m' }),
  'five days by 5 minutes, one target': query(5, { bucket: '5m', target: 'target-7' }),
  'a day by minute': query(1, { bucket: '1m' }),
  'a day by minute, one target': query(1, { bucket: '1m', target: 'target-7' }),
}

export async function compareAggregates(stage: Stage): Promise<void> {
  const count = stage.quick ? 100_000 : (stage.count ?? 10_000_000)
  const database = createDatabase({
    url: stage.databaseUrl,
    config: toConfig(readEnv({ DATABASE_URL: stage.databaseUrl })).database,
    applicationName: 'medio bench',
    observer: createServiceObserver(),
    context: requestContext,
  })
  const store = async (isWanted: (index: number) => boolean) => {
    const begunMs = performance.now()
    let stored = 0
    for (const batch of batchesOf(count, isWanted)) {
      await insertObservations(database, batch)
      stored += 1
      if (stored % 50 === 0) await mergeDeltas(database)
    }
    while ((await mergeDeltas(database)) > 0);
    await database.query({ name: 'bench.analyze', text: 'vacuum analyze observation_rollups, observation_deltas' })
    return (performance.now() - begunMs) / 1_000
  }

  // Of each target every tenth observation, and then the others between them: the same buckets, ten times the rows.
  const isTenth = (index: number) => Math.floor(index / 40) % 10 === 0
  const fewSeconds = await store(isTenth)
  const few = await ask(database, stage.quick ? 3 : 15)
  const restSeconds = await store((index) => !isTenth(index))
  const many = await ask(database, stage.quick ? 3 : 15)

  print(`${count} observations, stored and rolled up in ${(fewSeconds + restSeconds).toFixed(0)} s; 15 rounds.\n`)
  print('| | buckets | ms with a tenth of the rows | ms with all | × |\n|---|---|---|---|---|')
  for (const [name, asked] of Object.entries(queries)) {
    const [before, after] = [medianOf(few, name, 'ms'), medianOf(many, name, 'ms')]
    const buckets = (await selectBuckets(database, asked)).length
    print(`| ${name} | ${buckets} | ${before.toFixed(1)} | ${after.toFixed(1)} | ${(after / before).toFixed(2)} |`)
  }
  print()
  for (const name of Object.keys(queries)) {
    printMark({ what: `${name}, the slowest`, value: worstOf(many, name, 'ms'), atMost: 200, unit: 'ms', digits: 0 })
  }
  await database.end(1_000)
}

function* batchesOf(count: number, isWanted: (index: number) => boolean): Generator<Observation[]> {
  let batch: Observation[] = []
  for (let index = 0; index < count; index += 1) {
    if (!isWanted(index)) continue
    batch.push(observationAt(index, randomUUID()))
    if (batch.length < batchSize) continue
    yield batch
    batch = []
  }
  yield batch
}

function ask(database: Queryable, rounds: number): Promise<Results> {
  const contestants = Object.entries(queries).map(([name, asked]) => [
    name,
    async () => {
      const begunMs = performance.now()
      await selectBuckets(database, asked)
      return { ms: performance.now() - begunMs }
    },
  ])
  return interleave(Object.fromEntries(contestants), rounds)
}
