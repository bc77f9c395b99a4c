/** One line per machine: the processes that it was seen to run, and what happened to it. */
import {
  axisText,
  chart,
  chartWidth,
  type LegendEntry,
  legend,
  margin,
  mark,
  timeAxis,
  timeScale,
} from './chart-frame.ts'
import { element } from './svg.ts'

export const machineMarks = {
  cold: { text: 'cold start', shape: 'triangle', className: 'chart-cold' },
  resume: { text: 'resume', shape: 'bar', className: 'chart-resume' },
  deploy: { text: 'deploy', shape: 'dot', className: 'chart-deploy' },
  restart: { text: 'restart', shape: 'cross', className: 'chart-bad' },
} as const satisfies Readonly<Record<string, LegendEntry>>
export type MachineMark = keyof typeof machineMarks

export interface MachineLine {
  readonly name: string
  /** ISO 8601. */
  readonly runs: readonly { readonly from: string; readonly to: string }[]
  readonly marks: readonly { readonly at: string; readonly mark: MachineMark }[]
}

export interface MachineChartOptions {
  readonly machines: readonly MachineLine[]
  readonly from: string
  readonly to: string
  readonly title: string
  readonly description: string
}

const lineHeight = 30
const nameLength = 18
const left = 130

export function machineChart({ machines, from, to, ...text }: MachineChartOptions): string {
  const height = margin.top + margin.bottom + machines.length * lineHeight
  const x = timeScale(from, to).range([left, chartWidth - margin.right])
  const [least, most] = [Date.parse(from), Date.parse(to)]
  const xOf = (at: string) => x(Math.min(most, Math.max(least, Date.parse(at))))
  const lines = machines.map(({ name, runs, marks }, index) => {
    const y = margin.top + index * lineHeight + lineHeight / 2
    const bars = runs.map((run) => {
      const ends = { x: xOf(run.from), width: Math.max(2, xOf(run.to) - xOf(run.from)) }
      return element('rect', { class: 'chart-run', y: y - 6, height: 12, rx: 2, ...ends })
    })
    const short = name.length > nameLength ? `${name.slice(0, nameLength - 1)}…` : name
    const drawn = marks.map(({ at, mark: kind }) => {
      const { shape, className } = machineMarks[kind]
      // Above the line, because it is a restart too.
      return mark(shape, className, xOf(at), kind === 'deploy' ? y - 10 : y)
    })
    return axisText(short, { x: left - 8, y: y + 4, 'text-anchor': 'end' }) + [...bars, ...drawn].join('')
  })
  const used = (Object.keys(machineMarks) as MachineMark[]).filter((kind) =>
    machines.some(({ marks }) => marks.some((found) => found.mark === kind)),
  )
  const entries: LegendEntry[] = [
    { text: 'process seen', shape: 'bar', className: 'chart-run' },
    ...used.map((kind) => machineMarks[kind]),
  ]
  return chart(text, height, [timeAxis(x, height), ...lines, legend(entries)].join(''))
}
