import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { costBoard } from './cost.ts'
import { databaseBoard } from './database.ts'
import { fleetBoard } from './fleet.ts'
import { healthBoard } from './health.ts'
import { logsBoard } from './logs.ts'
import { objectivesBoard } from './objectives.ts'
import { serviceBoard } from './service.ts'

/** Every board by the name of its file in ops/grafana/dashboards. */
export const boards: Readonly<Record<string, Dashboard>> = {
  service: serviceBoard,
  health: healthBoard,
  database: databaseBoard,
  objectives: objectivesBoard,
  fleet: fleetBoard,
  cost: costBoard,
  logs: logsBoard,
}
