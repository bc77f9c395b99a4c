/** Is the service ready for what is asked of it? Each answer from the evidence of this run alone. */
import type { ReportFacts } from './findings/finding-rule.ts'
import type { ChecklistItem } from './report.ts'
import { counted, inMs, inPercent, inWords } from './wording.ts'

type Facts = Omit<ReportFacts, 'checklist'>

const questions: readonly (readonly [string, (facts: Facts) => Omit<ChecklistItem, 'question'>])[] = [
  [
    'Was every probe answered well?',
    ({ availability: { good, total, low } }) =>
      total === 0
        ? notKnown('there were no probes of the target')
        : answer(good === total, `${inWords(good)} of ${inWords(total)}, which proves ${inPercent(low)} at least`),
  ],
  [
    'Was it over whenever it was not good?',
    ({ outages, counts }) => {
      if (counts.ok + counts.failed === 0) return notKnown('there were no probes of the target')
      const open = outages.listed.filter(({ firstGoodAt }) => firstGoodAt === null).length
      if (outages.count === 0) return answer(true, 'it was good all the time')
      return answer(
        open === 0,
        `${inWords(outages.count - open)} of ${counted(outages.count, 'outage')} ended in the run`,
      )
    },
  ],
  [
    'Could the database be reached?',
    ({ database: { connectionErrors, silentProbes }, availability: { total } }) => {
      const errors = connectionErrors.reduce((sum, { count }) => sum + count, 0)
      if (errors === 0 && silentProbes === total) return notKnown('no probe told')
      return answer(
        errors === 0,
        `${counted(errors, 'probe')} told that it could not, ${inWords(silentProbes)} told nothing`,
      )
    },
  ],
  [
    'Were statements fast?',
    ({ database: { responseMs }, evidence: { metrics } }) => {
      if (responseMs.max === null && metrics?.statements === undefined) return notKnown('give --metrics URL')
      const slow = metrics?.slowStatements
      const logged = slow === undefined ? '' : `, ${counted(slow, 'slow statement')} by /metrics`
      return answer(
        (responseMs.max ?? 0) < 100 && (slow ?? 0) === 0,
        `the slowest database check took ${inMs(responseMs.max)}${logged}`,
      )
    },
  ],
  [
    'Is there a second machine?',
    ({ machines, evidence: { machineEvents = [] } }) => {
      const known = new Set([...machines.map(({ id }) => id), ...machineEvents.map(({ machine }) => machine)])
      if (known.size === 0) return notKnown('no answer told its machine')
      return answer(known.size > 1, `${counted(known.size, 'machine')} seen`)
    },
  ],
  [
    'Did machines stay up unless told to stop?',
    ({ machines, happenings }) => {
      if (machines.length === 0) return notKnown('no answer told its machine')
      const unasked = happenings.listed.filter(
        ({ kind, cause }) => kind === 'restart' && (cause === 'unknown' || cause === 'crash'),
      ).length
      return answer(unasked === 0, `${counted(unasked, 'restart')} without a deploy and without a request that waited`)
    },
  ],
  [
    'Is a cold start short enough not to be felt?',
    ({ latencyMs: { cold } }) =>
      cold.max === null
        ? notKnown('no cold start was seen; probe at intervals of 10 minutes and more')
        : answer(cold.max < 1_000, `the slowest of ${counted(cold.count, 'cold start')} took ${inMs(cold.max)}`),
  ],
  [
    'Is the log free of errors?',
    ({ evidence: { logs } }) => {
      if (logs === undefined) return notKnown('give --logs FILE')
      const { error, database_error, gateway_error } = logs.classes
      const errors = error.count + database_error.count + gateway_error.count
      return answer(errors === 0, `${counted(errors, 'error')} in ${counted(logs.lines, 'line')}`)
    },
  ],
  [
    'Can the prober’s own faults be told apart?',
    ({ evidence: { probing }, counts }) => {
      if (probing === undefined) return notKnown('the observations were recorded before')
      const control = probing.controlUrl === undefined ? 'no control target: give --control URL' : 'by a control target'
      return answer(probing.controlUrl !== undefined, `${control}; ${counted(counts.offline, 'probe')} offline`)
    },
  ],
  [
    'Is it as good as in the run before?',
    ({ comparison }) => {
      if (comparison === undefined) return notKnown('give --baseline report.json')
      const worse = comparison.rows.filter(({ change }) => change === 'worse').map(({ what }) => what)
      const able = comparison.rows.some(({ change }) => change !== 'not_enough_data')
      if (!able) return notKnown('the counts are too small for a test')
      return answer(
        worse.length === 0,
        worse.length === 0 ? 'nothing was shown to be worse' : `worse: ${worse.join(', ')}`,
      )
    },
  ],
]

export function checklist(facts: Facts): ChecklistItem[] {
  return questions.map(([question, find]) => ({ question, ...find(facts) }))
}

const answer = (yes: boolean, evidence: string) => ({ answer: yes ? 'yes' : 'no', evidence }) as const
const notKnown = (evidence: string) => ({ answer: 'not_known', evidence }) as const
