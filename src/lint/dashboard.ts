import { templateValue } from './promql.ts'
import type { Located, Read } from './rule.ts'

/** PromQL of a dashboard of Grafana's: of panels, annotations and whatever else has an `expr` for Prometheus. */
export function readDashboard(file: string, text: string): Read<Located<string>[]> {
  let board: unknown
  try {
    board = JSON.parse(text)
  } catch {
    const at = { file, line: 1 }
    return { problems: [{ rule: 'syntax', at, what: 'it is no JSON', next: 'Make it again: npm run generate' }] }
  }
  const lines = text.split('\n')
  const lineOf = (expr: string) => lines.findIndex((line) => line.includes(JSON.stringify(expr))) + 1
  return {
    value: expressionsOf(board, 'prometheus').map((expr) => ({
      value: withoutVariables(expr),
      at: { file, line: Math.max(lineOf(expr), 1) },
    })),
  }
}

function expressionsOf(value: unknown, inherited: string): string[] {
  if (typeof value !== 'object' || value === null) return []
  const { expr, datasource } = value as { expr?: unknown; datasource?: { type?: unknown } | null }
  const type = typeof datasource?.type === 'string' ? datasource.type : inherited
  const own = typeof expr === 'string' && expr !== '' && type === 'prometheus' ? [expr] : []
  return [...own, ...Object.values(value).flatMap((inner) => expressionsOf(inner, type))]
}

/** Grafana's own variables are durations, those of the board values of labels. */
function withoutVariables(expr: string): string {
  return expr.replaceAll(/\$\{?__\w+(?::\w+)?\}?/g, '5m').replaceAll(/\$\{?\w+(?::\w+)?\}?/g, templateValue)
}
