import type { MetricsFindings } from '../evidence.ts'
import type { Report } from '../report.ts'
import { counted, inMs, inWords } from '../wording.ts'
import { type Block, type Section, table, text } from './section.ts'

export function database({ database: { responseMs, connectionErrors, silentProbes }, evidence }: Report): Section {
  const { metrics, statements } = evidence
  const errors = connectionErrors.map(({ code, count }) => [code, inWords(count)])
  const blocks: Block[] = [
    errors.length === 0
      ? text('No probe told of a database that could not be reached.')
      : text('The database could not be reached:'),
    ...table('Probes that told so', ['code', 'probes #'], errors),
    ...(silentProbes > 0 ? [text(`${counted(silentProbes, 'probe')} told nothing of the database.`)] : []),
    ...table(
      'The database check, as the answers told (services.database.responseTime)',
      ['count #', 'min #', 'p50 #', 'p95 #', 'p99 #', 'max #'],
      responseMs.count === 0
        ? []
        : [
            [
              inWords(responseMs.count),
              ...[responseMs.min, responseMs.p50, responseMs.p95, responseMs.p99, responseMs.max].map(inMs),
            ],
          ],
    ),
    ...(metrics === undefined
      ? [text('Statements and pool were not looked at: give --metrics URL, which the private network can reach.')]
      : metricsBlocks(metrics)),
    ...(statements === undefined
      ? [
          text(
            'Single statements were not looked at: the report of the service has them (/api/report) where Postgres has pg_stat_statements.',
          ),
        ]
      : table(
          'Statements that took most time since Postgres counts them',
          ['statement', 'calls #', 'total #', 'mean #', 'max #'],
          statements.map(({ query, calls, totalMs, meanMs, maxMs }) => [
            query,
            inWords(calls),
            inMs(totalMs),
            inMs(meanMs),
            inMs(maxMs),
          ]),
        )),
  ]
  return { id: 'database', title: 'Database', blocks }
}

function metricsBlocks({ statements, slowStatements, databaseErrors, pool, reset }: MetricsFindings): Block[] {
  const rows: string[][] = []
  if (statements !== undefined) {
    rows.push([
      'statements',
      inWords(statements.count),
      `mean ${inMs(statements.meanMs)}, ${inWords(statements.failed)} failed`,
    ])
  }
  if (slowStatements !== undefined) rows.push(['slow statements', inWords(slowStatements), 'above SLOW_QUERY_MS'])
  for (const [sqlState, count] of Object.entries(databaseErrors ?? {})) {
    rows.push([`errors of class ${sqlState}`, inWords(count), 'first two characters of the SQLSTATE'])
  }
  if (pool !== undefined) {
    rows.push([
      'busy connections at most',
      inWords(pool.activeMax),
      `of ${pool.max}, ${inWords(pool.waitingMax)} waiting`,
    ])
  }
  return [
    ...table('Between the first and the last probe, by /metrics', ['what', 'count #', 'detail'], rows),
    ...(rows.length === 0 ? [text('/metrics told nothing of the database.')] : []),
    ...(reset
      ? [text('Counters went down in between: another process answered, and what it had counted before is lost.')]
      : []),
  ]
}
