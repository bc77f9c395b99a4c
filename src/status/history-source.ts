import type { Queryable } from '../db/queryable.ts'
import { selectDailyAvailability } from '../history/daily-availability.ts'
import { listDeployments } from '../history/deployments.ts'
import { selectIncidents } from '../history/incidents.ts'
import { listMachines } from '../history/machines.ts'
import { selectBuckets } from '../history/select-buckets.ts'
import type { SloReport } from '../slo/slo-report.ts'
import type { StatusSource } from './status-source.ts'

/** More open ones than anybody reads, should all machines fail at once. */
const openMax = 50
const closedMax = 10
const machinesMax = 200
const deploymentsMax = 10

/** The history in Postgres as the status page reads it. */
export function createHistorySource(db: Queryable, sloReport: () => Promise<SloReport>): StatusSource {
  return {
    dailyAvailability: (window) => selectDailyAvailability(db, window),
    latencyBuckets: (window) => selectBuckets(db, { ...window, bucket: '5m' }),
    async incidents() {
      const open = await selectIncidents(db, { open: true, limit: openMax })
      return [...open, ...(await selectIncidents(db, { open: false, limit: closedMax }))]
    },
    machines: () => listMachines(db, machinesMax),
    deployments: () => listDeployments(db, deploymentsMax),
    sloReport,
  }
}
