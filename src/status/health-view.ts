import { type CheckRecord, reasonCodes } from '../health/check.ts'
import { formatDuration } from '../health/format/duration.ts'
import type { HealthReport, HealthStatus, Reason } from '../health/report.ts'
import { checkTitle } from './check-titles.ts'
import { type Instant, instant } from './instant.ts'
import { reasonTexts } from './reason-texts.ts'

export interface ReasonView {
  readonly check: string
  readonly title: string
  readonly critical: boolean
  readonly status: string
  readonly code: string
  readonly happened: string
  readonly todo: string
  readonly since: Instant | undefined
  readonly consecutiveFailures: number
}

export interface CheckView {
  readonly check: string
  readonly title: string
  readonly status: string
  /** What was measured, with its unit; empty when nothing was. */
  readonly measured: string
  /** Since the last run; empty before the first. */
  readonly checkedAgo: string
}

export interface HealthView {
  readonly status: HealthStatus
  readonly headline: string
  readonly explanation: string
  readonly since: Instant | undefined
  readonly reasons: readonly ReasonView[]
  readonly checks: readonly CheckView[]
}

const words: Readonly<Record<HealthStatus, readonly [headline: string, explanation: string]>> = {
  healthy: ['Healthy', 'Every check of this machine passes.'],
  degraded: ['Degraded', 'It works, and something needs a look.'],
  unhealthy: ['Unhealthy', 'A critical check fails: requests may fail or wait.'],
  starting: ['Starting', 'Not every critical check has run yet.'],
  draining: ['Stopping', 'This machine finishes what runs and stops on purpose; others take over.'],
}

export function healthView(report: HealthReport, nowMs: number): HealthView {
  const { status, since, reasons, records } = report
  const [headline, explanation] = words[status]
  return {
    status,
    headline,
    explanation,
    since: since === undefined ? undefined : instant(new Date(since), nowMs),
    reasons: reasons.map((reason) => reasonView(reason, records, nowMs)),
    checks: records.map((record) => checkView(record, nowMs)),
  }
}

/** What a reason code means; one of another version keeps its name. */
export function codeText(code: string): string {
  const known = reasonCodes.find((each) => each === code)
  return known === undefined ? code : reasonTexts[known].happened
}

function reasonView(reason: Reason, records: readonly CheckRecord[], nowMs: number): ReasonView {
  const { check, status, code, since, consecutiveFailures } = reason
  return {
    check,
    title: checkTitle(check),
    critical: records.some((record) => record.name === check && record.critical),
    status,
    code,
    ...reasonTexts[code],
    since: since === undefined ? undefined : instant(new Date(since), nowMs),
    consecutiveFailures,
  }
}

function checkView(record: CheckRecord, nowMs: number): CheckView {
  const { name, status, observedValue, observedUnit = '', checkedAt } = record
  return {
    check: name,
    title: checkTitle(name),
    status,
    measured: observedValue === undefined ? '' : `${Number(observedValue.toFixed(1))} ${observedUnit}`.trimEnd(),
    checkedAgo: checkedAt === undefined ? '' : formatDuration(nowMs - checkedAt),
  }
}
