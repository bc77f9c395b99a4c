import { boards } from './dashboards/boards.ts'
import { alloyPipeline } from './logs/alloy-pipeline.ts'
import { queriesPage } from './logs/queries-page.ts'

/** Files that are made from the code as a whole, by their path in the project. */
export function generatedFiles(): Readonly<Record<string, string>> {
  const dashboards = Object.entries(boards).map(([name, board]) => [
    `ops/grafana/dashboards/${name}.json`,
    `${JSON.stringify(board, undefined, 2)}\n`,
  ])
  return {
    ...Object.fromEntries(dashboards),
    'ops/loki/alloy/pipeline.alloy': alloyPipeline(),
    'ops/loki/queries.md': queriesPage(),
  }
}
