import { formatDuration } from '../health/format/duration.ts'
import { checkTitle } from './check-titles.ts'
import { codeText } from './health-view.ts'
import { type Instant, instant } from './instant.ts'
import type { ShownIncident } from './status-source.ts'

export interface IncidentView {
  readonly id: number
  readonly title: string
  readonly code: string
  readonly happened: string
  /** `every machine`, or the one that has it. */
  readonly where: string
  readonly opened: Instant
  /** Undefined while it is open. */
  readonly closed: Instant | undefined
  /** How long it lasted, or lasts. */
  readonly lasted: string
  readonly acknowledged: Instant | undefined
}

export interface IncidentsView {
  readonly open: readonly IncidentView[]
  readonly closed: readonly IncidentView[]
}

const closedShown = 10

/** Newest first. */
export function incidentsView(known: readonly ShownIncident[], nowMs: number): IncidentsView {
  const views = known
    .toSorted((a, b) => b.openedAt.getTime() - a.openedAt.getTime())
    .map((incident) => incidentView(incident, nowMs))
  return {
    open: views.filter(({ closed }) => closed === undefined),
    closed: views.filter(({ closed }) => closed !== undefined).slice(0, closedShown),
  }
}

function incidentView(incident: ShownIncident, nowMs: number): IncidentView {
  const { id, check, machine, code, openedAt, closedAt, acknowledgedAt } = incident
  return {
    id,
    title: checkTitle(check),
    code,
    happened: codeText(code),
    where: machine === null ? 'every machine' : `machine ${machine}`,
    opened: instant(openedAt, nowMs),
    closed: closedAt === null ? undefined : instant(closedAt, nowMs),
    lasted: formatDuration((closedAt?.getTime() ?? nowMs) - openedAt.getTime()),
    acknowledged: acknowledgedAt === null ? undefined : instant(acknowledgedAt, nowMs),
  }
}
