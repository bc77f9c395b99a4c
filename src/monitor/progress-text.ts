import type { Observation } from '../observation/observation.ts'
import { type StartKind, startKind } from '../observation/start-kind.ts'
import type { Progress } from '../report/assessment.ts'
import { durationText } from './duration.ts'

const kindWords: Readonly<Record<StartKind, string>> = {
  cold: ', cold start',
  resume: ', resumed',
  warm: '',
  unclassified: '',
}

/** `10:01:45 shop.example 200 healthy in 146 ms, cold start, m1 iad` */
export function probeText(observation: Observation): string {
  const { at, target, statusCode, healthStatus, errorCode, durationMs, machine, region, reasons } = observation
  const answer = [statusCode, healthStatus, errorCode].filter((word) => word !== undefined).join(' ')
  const failing = (reasons ?? []).map(({ check, code }) => `${check} ${code}`).join(', ')
  const where = [machine, region].filter((word) => word !== undefined).join(' ')
  return [
    `${at.slice(11, 19)} ${target} ${answer} in ${Math.round(durationMs)} ms${kindWords[startKind(observation)]}`,
    ...(failing === '' ? [] : [failing]),
    ...(where === '' ? [] : [where]),
  ].join(', ')
}

/** `8 ok, 1 failed, 1 cold; p50 140 ms, p95 -, p99 -`; a dash where there are too few to tell. */
export function progressText({ ok, failed, cold, resume, p50Ms, p95Ms, p99Ms }: Progress): string {
  const counts = [
    `${ok} ok`,
    `${failed} failed`,
    ...(cold > 0 ? [`${cold} cold`] : []),
    ...(resume > 0 ? [`${resume} resumed`] : []),
  ]
  const told = (ms: number | null) => (ms === null ? '-' : `${Math.round(ms)} ms`)
  return `${counts.join(', ')}; p50 ${told(p50Ms)}, p95 ${told(p95Ms)}, p99 ${told(p99Ms)}`
}

/** `8 of 20 probes, 3 min left`; a run without an end tells how long it has run. */
export function shareText(sent: number, planned: number, elapsedMs: number, leftMs: number): string {
  if (!Number.isFinite(planned)) return `${sent} probes in ${durationText(elapsedMs)}`
  return `${sent} of ${planned} probes, ${durationText(Math.max(leftMs, 0))} left`
}
