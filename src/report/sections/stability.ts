import type { Report } from '../report.ts'
import { counted, inTime, inUtc, inWords } from '../wording.ts'
import { type Block, type Section, table, text } from './section.ts'

const causes = { wake: 'a request', deploy: 'a deploy', crash: 'nobody: a crash', unknown: 'not told' } as const

export function stability({ outages, happenings, machines, availability }: Report): Section {
  const heading = { id: 'stability', title: 'Stability and recovery' }
  if (availability.total === 0) return { ...heading, blocks: [text('No probe tells anything of the target.')] }
  const restarts = happenings.listed.filter(({ kind }) => kind === 'restart')
  const rows = restarts.map(({ at, machine = '', cause = 'unknown', sinceAt = null, startedAt = null, evidence }) => [
    machine,
    inUtc(sinceAt),
    inUtc(at),
    inUtc(startedAt),
    causes[cause],
    evidence,
  ])
  const ended = outages.listed.filter(({ firstGoodAt }) => firstGoodAt !== null)
  const slowest = ended.toSorted((a, b) => b.mostMs - a.mostMs)[0]
  const open = outages.listed.length - ended.length
  const blocks: Block[] = [
    text(restarts.length === 0 ? restartless(machines.length) : `${counted(restarts.length, 'restart')} seen.`),
    ...table(
      'Restarts: between the last answer of a process and the first one of the next',
      ['machine', 'last answer before', 'first answer after', 'started about', 'asked for by', 'evidence'],
      rows,
    ),
    text(
      slowest === undefined
        ? 'No recovery was seen, since nothing was broken and mended in the run.'
        : `Slowest of the ${inWords(ended.length)} that recovered: ${inTime(slowest.leastMs)} to ${inTime(slowest.mostMs)}, from ${inUtc(slowest.firstBadAt)}.`,
    ),
    ...(open > 0 ? [text(`${counted(open, 'outage')} was not over when the run was.`)] : []),
  ]
  return { ...heading, blocks }
}

const restartless = (machines: number): string =>
  machines === 0 ? 'Restarts can’t be seen: no answer told its machine.' : 'No restart was seen: no uptime went down.'
