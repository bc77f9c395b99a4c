/** A report for a person with curl: what is wrong, since when, how it was measured, what to do next. */
import type { CheckRecord } from '../check.ts'
import type { HealthReport } from '../report.ts'
import { formatDuration } from './duration.ts'
import type { InstanceFacts } from './instance-facts.ts'

export interface TextOptions {
  /** Epoch milliseconds that ages are counted to. */
  readonly nowMs: number
  readonly uptimeSeconds: number
  /** Adds the failures' texts: for holders of the operator token only. */
  readonly messages?: boolean
}

export function renderText(report: HealthReport, facts: InstanceFacts, options: TextOptions): string {
  const failing = new Set(report.reasons.map((reason) => reason.check))
  const inOrder = [
    ...report.reasons.flatMap((reason) => report.records.filter((record) => record.name === reason.check)),
    ...report.records.filter((record) => !failing.has(record.name)),
  ]
  const lines = aligned([
    ['CHECK', 'STATUS', 'CODE', 'FAILING', 'MEASURED', 'CHECKED', ''],
    ...inOrder.map((record) => row(record, failing.has(record.name), options)),
  ])
  return `${[headline(report, facts, options), '', ...lines, '', ...hints(report)].join('\n')}\n`
}

function headline(
  { status, since }: HealthReport,
  facts: InstanceFacts,
  { nowMs, uptimeSeconds }: TextOptions,
): string {
  const { commit, machine, version } = facts
  const failingSince = since === undefined ? '' : ` since ${isoSeconds(since)} (for ${formatDuration(nowMs - since)})`
  return [
    `${status.toUpperCase()}${failingSince}`,
    `medio-backend ${version}${commit === undefined ? '' : ` ${commit}`}`,
    `machine ${machine.id} in ${machine.region}`,
    `up ${formatDuration(uptimeSeconds * 1_000)}`,
  ]
    .map(printable)
    .join(' | ')
}

function row(record: CheckRecord, failing: boolean, { nowMs, messages = false }: TextOptions): string[] {
  const { since, checkedAt, consecutiveFailures } = record
  const failingFor =
    since === undefined
      ? ''
      : `for ${formatDuration(nowMs - since)} since ${isoSeconds(since)}, ${consecutiveFailures} in a row`
  return [
    `${record.name}${record.critical ? '*' : ''}`,
    record.status,
    record.code ?? '-',
    failingFor || '-',
    measured(record),
    checkedAt === undefined ? '-' : `${formatDuration(nowMs - checkedAt)} ago`,
    failing && messages ? (record.message ?? '') : '',
  ].map(printable)
}

function measured({ observedValue, observedUnit, threshold }: CheckRecord): string {
  if (observedValue === undefined) return '-'
  const unit = observedUnit === undefined ? '' : ` ${observedUnit}`
  return `${short(observedValue)}${unit}${threshold === undefined ? '' : ` (threshold ${short(threshold)})`}`
}

function hints({ status, reasons }: HealthReport): string[] {
  const critical = '* critical: the service is unhealthy while it fails'
  const token = 'curl -H "Authorization: Bearer $OPERATOR_TOKEN" $URL'
  if (status === 'starting') return [critical, 'next: curl $URL/api/health/startup shows what the start waits for']
  if (status === 'draining') return [critical, 'next: nothing, it stops on purpose; logs: event=service_draining']
  const first = reasons[0]
  if (first === undefined) return [critical, `next: ${token}/api/health/deep runs every check now, with writes`]
  return [
    critical,
    first.code === 'stale'
      ? 'next: curl $URL/api/health/live, as a result that nobody renews points at this process, not at the other side'
      : `next: ${token}/api/health/checks/${first.check} runs it now`,
    'logs: event=health_changed tells what changed and when',
  ]
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)))
  return rows.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

/** One line stays one line, and nothing that came from outside steers the reader's terminal. */
function printable(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ')
}

function short(value: number): string {
  return String(Number(value.toFixed(1)))
}

function isoSeconds(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 19)}Z`
}
