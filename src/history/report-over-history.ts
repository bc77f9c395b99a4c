import type { Database, Queryable } from '../db/queryable.ts'
import { selectTopStatements } from '../db/top-statements.ts'
import { createAssessment } from '../report/assessment.ts'
import { defaultCriteria } from '../report/criterion.ts'
import type { MachineEvent } from '../report/evidence.ts'
import type { Report } from '../report/report.ts'
import { buildSloReport, type SloReport, sloWindows } from '../slo/slo-report.ts'
import { readWithin } from './bounded-read.ts'
import { type FleetEvent, selectFleetEvents } from './machines.ts'
import { readObservations } from './read-observations.ts'
import { selectObjectiveTotals } from './slo-minutes.ts'

/** What one statement of a report may take. */
const statementMs = 10_000
const eventsMax = 10_000
const statementsMax = 10

/**
 * The monitoring report over what is stored: the same assessment as the monitor's, of what outside probes told from
 * `from` to before `to`. Reads page by page, so that a month costs the memory of a page.
 */
export async function reportOverHistory(options: {
  database: Database
  from: Date
  to: Date
  /** Of all targets when absent. */
  target: string | undefined
  /** Ends the reading between two pages. */
  signal: AbortSignal
}): Promise<Report> {
  const { database, from, to, target, signal } = options
  const assessment = createAssessment({ target: target ?? 'all targets', criteria: defaultCriteria })
  for await (const observation of readObservations(database, { from, to, ...(target !== undefined && { target }) })) {
    signal.throwIfAborted()
    assessment.add(observation)
  }
  const events = await readWithin(database, statementMs, (db) =>
    selectFleetEvents(db, { from, to, limit: eventsMax + 1 }),
  )
  const gaps: string[] = []
  if (events.length > eventsMax)
    gaps.push(`Of the machines' events only the first ${eventsMax} were read; ask for less time.`)
  const statements = await readWithin(database, statementMs, (db) => selectTopStatements(db, statementsMax)).catch(
    (error: unknown) => {
      signal.throwIfAborted()
      gaps.push(`The top statements could not be read: ${error instanceof Error ? error.message : String(error)}.`)
      return undefined
    },
  )
  const objectives = await readWithin(database, statementMs, (db) => objectivesAsOf(db, to))
  return assessment.finish({
    evidence: {
      objectives,
      machineEvents: events.slice(0, eventsMax).map(toEvidence),
      ...(statements !== undefined && { statements }),
      gaps,
    },
  })
}

async function objectivesAsOf(db: Queryable, asOf: Date): Promise<SloReport> {
  const totals: Awaited<ReturnType<typeof selectObjectiveTotals>>[] = []
  for (const window of sloWindows(asOf)) totals.push(await selectObjectiveTotals(db, window))
  return buildSloReport(asOf, totals)
}

function toEvidence({ machine, region, at, kind, reason, version, phases, code }: FleetEvent): MachineEvent {
  return {
    ...{ machine, region, at: at.toISOString(), kind, source: 'service' },
    ...(reason !== null && { reason }),
    ...(version !== null && { version }),
    ...(phases !== null && { phases }),
    ...(code !== null && { code }),
  }
}
