import { boards } from './dashboards/boards.ts'
import type { GeneratedFile } from './generated-file.ts'
import { alloyPipeline } from './logs/alloy-pipeline.ts'
import { queriesPage } from './logs/queries-page.ts'

export const ownedByBoards = ['ops/grafana/dashboards/*']

/** What Grafana and Loki are given. */
export function boardAndLogFiles(): GeneratedFile[] {
  const ofBoards = Object.entries(boards).map(([name, board]) => ({
    path: `ops/grafana/dashboards/${name}.json`,
    text: `${JSON.stringify(board, undefined, 2)}\n`,
  }))
  return [
    ...ofBoards,
    { path: 'ops/loki/alloy/pipeline.alloy', text: alloyPipeline() },
    { path: 'ops/loki/queries.md', text: queriesPage() },
  ]
}
