import type { Database } from '../db/queryable.ts'
import { readWithin } from '../history/bounded-read.ts'
import type { ReadObjectiveTotals } from '../slo/objective-totals.ts'
import type { StatusSource } from './status-source.ts'

/** What one statement may take in Postgres. */
const statementMs = 3_000
const openMax = 50
const closedMax = 10
const machinesMax = 500
const deploymentsMax = 10

/** All windows within one transaction, on one connection. The statements load at the first reading. */
export function readObjectiveTotals(database: Database): ReadObjectiveTotals {
  return async (windows) => {
    const { selectObjectiveTotals } = await import('../history/slo-minutes.ts')
    return readWithin(database, statementMs, async (db) => {
      const totals: Awaited<ReturnType<typeof selectObjectiveTotals>>[] = []
      for (const window of windows) totals.push(await selectObjectiveTotals(db, window))
      return totals
    })
  }
}

/** The status page's view of the history in Postgres. */
export function createHistorySource(database: Database): StatusSource {
  return {
    async dailyAvailability(window) {
      const { selectDailyAvailability } = await import('../history/daily-availability.ts')
      return readWithin(database, statementMs, (db) => selectDailyAvailability(db, window))
    },
    async latencyBuckets(window) {
      const { selectBuckets } = await import('../history/select-buckets.ts')
      return readWithin(database, statementMs, (db) => selectBuckets(db, { ...window, bucket: '5m' }))
    },
    async incidents() {
      const { selectIncidents } = await import('../history/incidents.ts')
      return readWithin(database, statementMs, async (db) => [
        ...(await selectIncidents(db, { open: true, limit: openMax })),
        ...(await selectIncidents(db, { open: false, limit: closedMax })),
      ])
    },
    async machines() {
      const { listMachines } = await import('../history/machines.ts')
      return readWithin(database, statementMs, (db) => listMachines(db, machinesMax))
    },
    async deployments() {
      const { listDeployments } = await import('../history/deployments.ts')
      return readWithin(database, statementMs, (db) => listDeployments(db, deploymentsMax))
    },
    objectiveTotals: readObjectiveTotals(database),
  }
}
