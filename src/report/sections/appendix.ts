import type { Report, Sample } from '../report.ts'
import { inMs, inWords } from '../wording.ts'
import { type Section, table, text } from './section.ts'

export function appendix({ samples, counts }: Report): Section {
  const heading = { id: 'appendix', title: 'Appendix: raw data' }
  if (samples === null) {
    return {
      ...heading,
      blocks: [text(`${inWords(counts.observations)} observations, in observations.jsonl beside this report.`)],
    }
  }
  const titles = ['at', 'took #', 'status', 'health', 'kind', 'machine', 'version', 'database #', 'why']
  return { ...heading, blocks: table('Observations, in the order of their probes', titles, samples.map(row)) }
}

function row({ observation, kind, happenings }: Sample): string[] {
  const { at, durationMs, statusCode, healthStatus = '', machine = '', version = '', databaseMs } = observation
  const { errorCode, reasons = [], source } = observation
  const why = [
    ...(source === 'self' ? ['the service by itself'] : []),
    ...(errorCode === undefined ? [] : [errorCode]),
    ...reasons.map(({ check, code }) => `${check}:${code}`),
    ...happenings.map(({ evidence }) => evidence),
  ]
  return [
    at.replace('T', ' ').replace('Z', ''),
    inMs(durationMs),
    ...[statusCode === undefined ? '–' : String(statusCode), healthStatus, kind, machine, version],
    databaseMs === undefined ? '' : inMs(databaseMs),
    why.join('; '),
  ]
}
