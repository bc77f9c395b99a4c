import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard'
import { projectFiles } from '../contracts/project-files.ts'

export interface BoardQuery {
  readonly where: string
  /** As it is in the file, with Grafana's variables. */
  readonly expr: string
  readonly legend: string
  readonly source: string
}

export interface LoadedBoard {
  readonly name: string
  readonly board: Dashboard
  readonly panels: readonly Panel[]
  /** Of panels, annotations and variables. */
  readonly queries: readonly BoardQuery[]
}

interface Target {
  readonly expr: string
  readonly legendFormat?: string
  readonly datasource: { readonly type: string }
}

/** The boards as Grafana would load them: from their files. */
export function loadBoards(): LoadedBoard[] {
  return projectFiles(/^ops\/grafana\/dashboards\/.*\.json$/).map((file) => {
    const board = JSON.parse(readFileSync(join(import.meta.dirname, '../..', file), 'utf8')) as Dashboard
    const name = file.replace(/^.*\/|\.json$/g, '')
    const panels = (board.panels ?? []).filter((panel): panel is Panel => panel.type !== 'row')
    const ofPanels = panels.flatMap(({ title, targets = [] }) =>
      targets.map((target) => queryOf(`${name}: ${title}`, target as unknown as Target)),
    )
    const ofAnnotations = (board.annotations?.list ?? []).map((annotation) => {
      const { titleFormat = '', textFormat = '' } = annotation
      const query = queryOf(`${name}: annotation ${annotation.name}`, annotation.target as unknown as Target)
      return { ...query, legend: `${titleFormat} ${textFormat}` }
    })
    return { name, board, panels, queries: [...ofPanels, ...ofAnnotations] }
  })
}

function queryOf(where: string, { expr, legendFormat = '', datasource }: Target): BoardQuery {
  return { where, expr, legend: legendFormat, source: datasource.type }
}

/** What Grafana puts in place of its variables, for a range of an hour and every machine. */
export function withValues(expression: string): string {
  return expression
    .replaceAll('$__rate_interval', '1m')
    .replaceAll('$__range', '1h')
    .replaceAll('$__interval', '2m')
    .replaceAll(/\$(?:instance|region|machine)\b/g, '.+')
}

export const legendLabels = (legend: string) => [...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label)
