import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { exporterMetrics } from '../../scripts/dashboards/postgres-exporter.ts'
import { startProgram } from '../../scripts/ops/running-program.ts'
import { seriesOf } from '../support/exposition-series.ts'
import { freePort } from '../support/free-port.ts'
import { createTestDatabase } from '../support/postgres.ts'

/** Debian's exporter is older than its collector of pg_stat_statements (0.13) and has it in no form. */
const newer = ['pg_stat_statements_calls_total', 'pg_stat_statements_seconds_total', 'pg_stat_statements_query_id']

it('a real postgres_exporter has the metrics of the database board with their labels, but for newer collectors', async () => {
  const database = await createTestDatabase()
  const directory = await mkdtemp(join(tmpdir(), 'medio-exporter-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}/metrics`
  const exporter = startProgram({
    name: 'postgres_exporter',
    command: 'prometheus-postgres-exporter',
    words: [`--web.listen-address=127.0.0.1:${port}`],
    env: { DATA_SOURCE_NAME: `${database.url}?sslmode=disable` },
    logFile: join(directory, 'log'),
    readyUrl: url,
    endSignal: 'SIGTERM',
  })
  await exporter.ready()
  const series = seriesOf(await (await fetch(url)).text())
  await exporter.stop()
  await rm(directory, { recursive: true, force: true })
  await database.drop()

  const missing = Object.entries(exporterMetrics).filter(
    ([metric, labels]) => !series.some((each) => each.name === metric && labels.every((label) => label in each.labels)),
  )
  expect(missing.map(([metric]) => metric)).toEqual(newer)
})
