import { type MachineMark, machineChart, machineMarks } from '../../charts/machine-chart.ts'
import type { MachineEvent } from '../evidence.ts'
import type { MachineFigures } from '../machine-figures.ts'
import type { Report } from '../report.ts'
import { counted, inMs, inTime, inUtc, inWords } from '../wording.ts'
import { type Block, type Section, table, text } from './section.ts'

const mostDrawn = 20
const mostEvents = 200

export function machines(report: Report): Section {
  const { machines: seen, happenings, evidence } = report
  const rows = seen.map((machine) => [
    machine.id,
    machine.regions.join(', '),
    machine.versions.join(' → '),
    ...[machine.observations, machine.failed, machine.cold, machine.resume, machine.restarts].map(inWords),
    machine.uptimeMs === null ? 'not told' : inTime(machine.uptimeMs),
    `${inUtc(machine.firstSeenAt)} – ${inUtc(machine.lastSeenAt)}`,
  ])
  const titles = [
    'machine',
    'region',
    'version',
    'probes #',
    'bad #',
    'cold #',
    'resumed #',
    'restarts #',
    'uptime #',
    'seen',
  ]
  const more = happenings.count - happenings.listed.length
  const timeline = happenings.listed
    .slice(0, mostEvents)
    .map(({ at, kind, machine = '', evidence: by }) => [inUtc(at), kind.replace('_', ' '), machine, by])
  const unlisted = more + Math.max(0, happenings.listed.length - mostEvents)
  const blocks: Block[] = [
    ...(seen.length === 0 ? [text('No answer told which machine it came from (header Medio-Machine).')] : []),
    ...chartOf(report),
    ...table('Machines, as their answers told', titles, rows),
    ...table('What the probes saw happen', ['at', 'what', 'machine', 'evidence'], timeline),
    ...(unlisted > 0 ? [text(`${counted(unlisted, 'more event')} are not listed.`)] : []),
    ...recorded(evidence.machineEvents),
  ]
  return { id: 'machines', title: 'Machines and their timeline', blocks }
}

/** By the platform and by the service itself. */
function recorded(events: readonly MachineEvent[] | undefined): Block[] {
  if (events === undefined) {
    return [
      text(
        'The machines’ own events (start, ready, stop, phases of the start) were not looked at: give --fly-app NAME and FLY_API_TOKEN.',
      ),
    ]
  }
  if (events.length === 0) return [text('The record of the machines has no event in this time.')]
  const rows = events
    .slice(0, mostEvents)
    .map((event) => [inUtc(event.at), event.machine, event.kind, detail(event), event.source])
  const starts = events.filter(({ phases }) => phases !== undefined).slice(0, mostEvents)
  const phases = starts.flatMap(({ machine, at, phases: of = {} }) =>
    Object.entries(of)
      // The history keeps no order of them, and what took longest is what is asked for.
      .toSorted(([, a], [, b]) => b - a)
      .map(([phase, ms]) => [inUtc(at), machine, phase, inMs(ms)]),
  )
  const more = events.length - mostEvents
  return [
    ...table('What the record of the machines says', ['at', 'machine', 'event', 'detail', 'by'], rows),
    ...(more > 0 ? [text(`${counted(more, 'more event')} are not listed.`)] : []),
    ...table('Phases of the starts', ['ready at', 'machine', 'phase', 'took #'], phases),
  ]
}

function detail({ reason, code, version, exitCode, oomKilled, requestedStop }: MachineEvent): string {
  return [
    ...[reason ?? '', code ?? ''],
    version === undefined ? '' : `version ${version}`,
    exitCode === undefined ? '' : `exit code ${exitCode}`,
    oomKilled === true ? 'out of memory' : '',
    requestedStop === true ? 'asked to stop' : '',
  ]
    .filter((part) => part !== '')
    .join(', ')
}

function chartOf({ machines: seen, happenings, from, to }: Report): Block[] {
  if (from === null || to === null || seen.length === 0) return []
  const lines = seen.slice(0, mostDrawn).map(({ id, runs }) => ({
    name: id,
    runs: runs.map(({ firstSeenAt, lastSeenAt }) => ({ from: firstSeenAt, to: lastSeenAt })),
    marks: happenings.listed.flatMap(({ at, kind, machine }) =>
      machine === id && isMark(kind) ? [{ at, mark: kind }] : [],
    ),
  }))
  const title = 'Machines over time'
  const undrawn = seen.length - lines.length
  const description = `${seen.map(describe).join('; ')}.`
  const svg = machineChart({ machines: lines, from, to, title, description })
  return [
    { kind: 'chart', caption: title, svg },
    ...(undrawn > 0 ? [text(`${counted(undrawn, 'machine')} more are not drawn.`)] : []),
  ]
}

const isMark = (kind: string): kind is MachineMark => Object.hasOwn(machineMarks, kind)

const describe = ({ id, runs, restarts, deploys }: MachineFigures) =>
  `${id}: ${inWords(runs.length)} processes seen, ${counted(restarts, 'restart')}, ${counted(deploys, 'deploy')}`
