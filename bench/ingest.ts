/** What it costs to store observations once, beside what any program pays for rows with the same keys. */
import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { readEnv, toConfig } from '../src/config.ts'
import { createDatabase } from '../src/db/database.ts'
import { insertObservations } from '../src/history/observations.ts'
import type { Observation } from '../src/observation/observation.ts'
import { requestContext } from '../src/telemetry/request-context.ts'
import { createServiceObserver } from './contestants/service-observer.ts'
import { observationAt } from './harness/observations.ts'
import { print, printMark, printTable, ratio } from './harness/report.ts'
import { interleave, type Sample } from './harness/rounds.ts'
import type { Stage } from './harness/stage.ts'

const batchSize = 1_000
/** Few, so that the turns of the contestants are short, and the drift of the machine falls on all of them alike. */
const batches = 3
const bare = 'bare INSERT … SELECT unnest through pg'
const again = 'the same again, to tell noise'
const ours = 'Medio, each stored once and rolled up'

export async function compareIngest(stage: Stage): Promise<void> {
  const rounds = stage.quick ? 3 : (stage.count ?? 100)
  const pool = new pg.Pool({ connectionString: stage.databaseUrl, max: 1 })
  const database = createDatabase({
    url: stage.databaseUrl,
    config: toConfig(readEnv({ DATABASE_URL: stage.databaseUrl })).database,
    applicationName: 'medio bench',
    observer: createServiceObserver(),
    context: requestContext,
  })
  await pool.query('create table bare_observations (like observations including all)')
  let index = 0
  const nextBatch = (): Observation[] => Array.from({ length: batchSize }, () => observationAt(index++, randomUUID()))

  async function perSecond(store: (batch: Observation[]) => Promise<unknown>): Promise<Sample> {
    const prepared = Array.from({ length: batches }, nextBatch)
    const begunMs = performance.now()
    for (const batch of prepared) await store(batch)
    return { perSecond: (batches * batchSize) / ((performance.now() - begunMs) / 1_000) }
  }
  const contestants = {
    [bare]: () => perSecond((batch) => insertBare(pool, batch)),
    [again]: () => perSecond((batch) => insertBare(pool, batch)),
    [ours]: () => perSecond((batch) => insertObservations(database, batch)),
  }
  await interleave(contestants, 2)
  print(`Batches of ${batchSize} observations of 40 targets, one after the other; ${rounds} rounds of ${batches}.\n`)
  const results = await interleave(contestants, rounds)
  printTable(results, [{ key: 'perSecond', title: 'observations/s', digits: 0 }], bare)
  print()
  printMark({ what: `observations/s, ${bare} = 1`, value: ratio(results, 'perSecond', ours, bare), atLeast: 0.8 })
  await pool.end()
  await database.end(1_000)
}

const columns = [
  ...['id uuid', 'at timestamptz', 'target text', 'source text', 'region text', 'machine text', 'version text'],
  ...['duration_ms float8', 'status_code int2', 'health_status text', 'uptime_ms float8', 'database_ms float8'],
  ...['dns_ms float8', 'connect_ms float8', 'tls_ms float8', 'first_byte_ms float8'],
].map((column) => column.split(' ') as [string, string])
const names = columns.map(([name]) => name).join(', ')
const arrays = columns.map(([, type], position) => `$${position + 1}::${type}[]`).join(', ')
const bareText = `insert into bare_observations (${names}) select * from unnest(${arrays})`

function insertBare(pool: pg.Pool, batch: readonly Observation[]): Promise<unknown> {
  const rows = batch.map((each) => [
    ...[each.id, each.at, each.target, each.source, each.region, each.machine, each.version, each.durationMs],
    ...[each.statusCode, each.healthStatus, each.uptimeMs, each.databaseMs, each.phases?.dnsMs],
    ...[each.phases?.connectMs, each.phases?.tlsMs, each.phases?.firstByteMs],
  ])
  return pool.query(
    bareText,
    columns.map((_, position) => rows.map((row) => row[position])),
  )
}
