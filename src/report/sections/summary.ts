import type { Report } from '../report.ts'
import { counted, inMs, inPercent, inTime, inUtc, inWords } from '../wording.ts'
import { type Block, list, type Section, type Tone, text } from './section.ts'

const verdicts = {
  met: ['good', 'The criteria are met'],
  not_met: ['bad', 'The criteria are not met'],
  not_enough_data: ['unsure', 'There is not enough data for a verdict'],
} as const satisfies Readonly<Record<Report['verdict'], readonly [Tone, string]>>

export function summary(report: Report): Section {
  const { target, from, to, verdict, counts, latencyMs, outages, findings, criteria, evidence } = report
  const [tone, sentence] = verdicts[verdict]
  const deciding = criteria.filter(({ decides }) => decides)
  const broken = deciding.filter((result) => result.verdict === 'not_met').map(({ id }) => id)
  const open = deciding.filter((result) => result.verdict === 'not_enough_data').map(({ id }) => id)
  const unjudged = criteria.filter(({ decides, population }) => !decides && population === 'all').map(({ id }) => id)
  const why = [
    broken.length > 0 ? `broken: ${broken.join(', ')}` : '',
    open.length > 0 ? `not enough data: ${open.join(', ')}` : '',
    unjudged.length > 0 ? `not judged, since nothing told: ${unjudged.join(', ')}` : '',
  ].filter((part) => part !== '')
  const blocks: Block[] = [
    { kind: 'verdict', tone, text: `${sentence}${why.length === 0 ? '.' : `: ${why.join('; ')}.`}` },
    text(`Target: ${target}. ${period(from, to)}`),
    ...list([
      availabilitySentence(report),
      `Response times: p50 ${inMs(latencyMs.all.p50)}, p95 ${inMs(latencyMs.all.p95)}, p99 ${inMs(latencyMs.all.p99)}, slowest ${inMs(latencyMs.all.max)}.`,
      `Starts: ${counted(counts.cold, 'cold start')}, ${counted(counts.resume, 'resume')}, ${inWords(counts.warm)} warm, ${inWords(counts.unclassified)} unclassified.`,
      outages.count === 0
        ? 'No outage.'
        : `${counted(outages.count, 'outage')}: ${inTime(outages.leastMs)} to ${inTime(outages.mostMs)} in all.`,
    ]),
    ...(findings.some(({ severity }) => severity !== 'note') ? [text('What was found:')] : []),
    ...list(
      findings.filter(({ severity }) => severity !== 'note').map(({ title, evidence: by }) => `${title}: ${by}.`),
    ),
    ...leftOut(report),
    ...(evidence.probing?.endedEarly === true ? [text('The run was ended early; this is what it had seen.')] : []),
  ]
  return { id: 'summary', title: 'Summary', blocks }
}

/** `20 of 20 probes were good: with 95 % confidence at least 83.9 %.` */
export function availabilitySentence({ availability: { good, total, low, high } }: Report): string {
  if (total === 0) return 'Availability: no probe tells anything of the target.'
  const range = good === total ? `at least ${inPercent(low)}` : `${inPercent(low)} to ${inPercent(high)}`
  return `${inWords(good)} of ${counted(total, 'probe')} good: with 95 % confidence the availability is ${range}.`
}

function period(from: string | null, to: string | null): string {
  if (from === null || to === null) return 'There were no probes.'
  return `From ${inUtc(from)} to ${inUtc(to)} UTC, ${inTime(Date.parse(to) - Date.parse(from))}.`
}

function leftOut({ counts, evidence }: Report): Block[] {
  const items = [
    counts.offline > 0
      ? `${counted(counts.offline, 'probe')} while the prober had no network, which tells nothing of the target.`
      : '',
    counts.self > 0 ? `${counted(counts.self, 'probe')} of the service by itself.` : '',
    counts.invalidLines > 0
      ? `${counted(counts.invalidLines, 'line')} of the file could not be used: ${(evidence.invalidLines?.examples ?? []).join('; ')}.`
      : '',
    ...evidence.gaps,
  ]
  const told = items.filter((item) => item !== '')
  return told.length === 0 ? [] : [text('What is in no figure:'), ...list(told)]
}
