import { distributionChart } from '../../charts/distribution-chart.ts'
import { exactUpTo } from '../../statistics/distribution.ts'
import { relativeError } from '../../statistics/log-histogram.ts'
import { type LatencyFigures, latencyPopulations, type Report } from '../report.ts'
import { counted, inMs, inWords } from '../wording.ts'
import { type Block, type Section, table, text } from './section.ts'

const percentiles = ['p50', 'p75', 'p90', 'p95', 'p99'] as const

export function responseTimes({ latencyMs, availability }: Report): Section {
  const figures = latencyPopulations.map((population) => {
    const { count, min, mean, max, ...rest } = latencyMs[population]
    const cells = [min, mean, ...percentiles.map((name) => rest[name]), max].map((value) =>
      count === 0 ? '–' : inMs(value),
    )
    return [population, inWords(count), ...cells]
  })
  const intervals = latencyPopulations
    .filter((population) => latencyMs[population].count > 0)
    .map((population) => [population, ...percentiles.map((name) => interval(latencyMs[population], name))])
  const blocks: Block[] = [
    ...table(
      'Response times of answers',
      ['answers', 'count #', 'min #', 'mean #', ...percentiles.map((name) => `${name} #`), 'max #'],
      figures,
    ),
    ...chartOf(latencyMs),
    ...table('95 % confidence intervals', ['answers', ...percentiles.map((name) => `${name} #`)], intervals),
    text(method(latencyMs.all, availability.total - latencyMs.all.count)),
  ]
  return { id: 'response-times', title: 'Response times', blocks }
}

function interval(figures: LatencyFigures, name: (typeof percentiles)[number]): string {
  const bounds = figures.intervals[name]
  return bounds === null ? inMs(null) : `${inMs(bounds.low)} – ${inMs(bounds.high)}`
}

function method({ exact }: LatencyFigures, unanswered: number): string {
  const values = exact
    ? 'from the values themselves'
    : `from a logarithmic histogram with a relative error of at most ${relativeError * 100} %, since there are more than ${inWords(exactUpTo)}`
  const missing =
    unanswered === 0
      ? ''
      : ` Left out: ${counted(unanswered, 'probe')} without any answer, which the availability counts.`
  return `Method: percentiles by nearest rank, ${values}, and only where at least one answer lies above on average; intervals by order statistics (binomial), without an assumption on the distribution. Cold: the process was started while the request waited; warm: it ran before.${missing}`
}

function chartOf({ all, warm, cold, resume }: Report['latencyMs']): Block[] {
  if (all.count === 0) return []
  const known = new Map<number, number>()
  for (const [upperMs, count] of [...warm.histogram, ...cold.histogram, ...resume.histogram]) {
    known.set(upperMs, (known.get(upperMs) ?? 0) + count)
  }
  const others = all.histogram.map(([upperMs, count]) => [upperMs, count - (known.get(upperMs) ?? 0)] as const)
  const parts = [
    { text: 'warm', className: 'chart-warm', histogram: warm.histogram },
    { text: 'unclassified', className: 'chart-other', histogram: others.filter(([, count]) => count > 0) },
    { text: 'resume', className: 'chart-resume', histogram: resume.histogram },
    { text: 'cold', className: 'chart-cold', histogram: cold.histogram },
  ].filter(({ histogram }) => histogram.length > 0)
  const description = `Number of answers by response time, on a logarithmic axis, from ${inMs(all.min)} to ${inMs(all.max)}; half took at most ${inMs(all.p50)}.`
  const title = 'Distribution of response times'
  return [{ kind: 'chart', caption: `${title}, logarithmic`, svg: distributionChart({ parts, title, description }) }]
}
