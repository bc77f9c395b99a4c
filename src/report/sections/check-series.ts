import { latencyChart } from '../../charts/latency-chart.ts'
import { type SampleLook, sampleChart } from '../../charts/sample-chart.ts'
import { isOk } from '../../observation/observation.ts'
import type { Report, Sample } from '../report.ts'
import { counted, inMs, inTime, inUtc, inWords } from '../wording.ts'
import { type Block, type Section, table, text } from './section.ts'

export function checkSeries(report: Report): Section {
  const { stretches, evidence, counts } = report
  const rows = stretches.listed.map(({ told, from, to, probes }) => [inUtc(from), inUtc(to), told, inWords(probes)])
  const more = stretches.count - stretches.listed.length
  const blocks: Block[] = [
    text(probing(report)),
    ...chartOf(report),
    ...table(
      'What the checks told, one row for as long as they told the same',
      ['from', 'to', 'told', 'probes #'],
      rows,
    ),
    ...(more > 0 ? [text(`${counted(more, 'more change')} after these are not listed.`)] : []),
    ...(report.samples === null ? seriesTable(report) : []),
  ]
  if (counts.ok + counts.failed === 0) blocks.push(text('No probe told anything of the target.'))
  if (evidence.probing === undefined) {
    blocks.push(text('How the probing itself went is not known: the observations were recorded before.'))
  }
  return { id: 'health-checks', title: 'Health checks', blocks }
}

function probing({ evidence: { probing: facts }, counts }: Report): string {
  if (facts === undefined) return `${counted(counts.observations, 'observation')} were read.`
  const { intervalMs, timeoutMs, planned, sent, late, latestMs, missed = 0, reusedConnections, controlUrl } = facts
  return [
    `${inWords(sent)} of ${counted(planned, 'probe')} planned, every ${inTime(intervalMs)}, each for at most ${inTime(timeoutMs)}`,
    reusedConnections ? 'over kept connections' : 'each over a connection of its own',
    late === 0 ? 'none late' : `${inWords(late)} late, by up to ${inMs(latestMs)}`,
    ...(missed === 0 ? [] : [`${inWords(missed)} missed: the prober slept, or too many were under way`]),
    controlUrl === undefined
      ? 'no control target (--control URL tells the prober’s own faults apart)'
      : 'with a control target',
  ]
    .join('; ')
    .concat('.')
}

function chartOf({ samples, series, outages, from, to, counts, latencyMs }: Report): Block[] {
  if (from === null || to === null || counts.ok + counts.failed === 0) return []
  const title = 'Response times over time'
  if (samples === null)
    return [{ kind: 'chart', caption: title, svg: latencyChart({ points: series.buckets, from, to, title }) }]
  const points = samples
    .filter(({ observation }) => observation.source !== 'self' && observation.errorCode !== 'prober_offline')
    .map((sample) => ({ at: sample.observation.at, ms: answerMs(sample), look: lookOf(sample) }))
  const description = `Each of ${counted(points.length, 'probe')} as one mark; median ${inMs(latencyMs.all.p50)}, slowest ${inMs(latencyMs.all.max)}, ${counted(counts.cold, 'cold start')}, ${inWords(counts.failed)} not good.`
  const shaded = outages.listed.map(({ lastGoodAt, firstBadAt, lastBadAt, firstGoodAt }) => ({
    from: lastGoodAt ?? firstBadAt,
    to: firstGoodAt ?? lastBadAt,
  }))
  return [
    {
      kind: 'chart',
      caption: `${title}; shaded: from the last good to the first good probe around an outage`,
      svg: sampleChart({ points, outages: shaded, from, to, title, description }),
    },
  ]
}

const answerMs = ({ observation: { statusCode, durationMs } }: Sample) => (statusCode === undefined ? null : durationMs)

const lookOf = ({ observation, kind }: Sample): SampleLook => (isOk(observation) ? kind : 'bad')

function seriesTable({ series }: Report): Block[] {
  const rows = series.buckets.map(({ at, count, ok, cold, p50Ms, p95Ms, maxMs }) => [
    inUtc(at),
    ...[inWords(count), inWords(ok), inWords(cold)],
    ...[inMs(p50Ms), inMs(p95Ms), inMs(maxMs)],
  ])
  const titles = ['begin', 'probes #', 'good #', 'cold #', 'p50 #', 'p95 #', 'max #']
  return table(`Intervals of ${inTime(series.widthMs)}`, titles, rows)
}
