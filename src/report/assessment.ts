import { isEvidence, type Observation } from '../observation/observation.ts'
import { type StartKind, startKind } from '../observation/start-kind.ts'
import { createDistribution } from '../statistics/distribution.ts'
import { wilsonInterval } from '../statistics/wilson-interval.ts'
import { checklist } from './checklist.ts'
import { compareWithBaseline } from './compare-with-baseline.ts'
import { costs } from './costs.ts'
import type { Criterion } from './criterion.ts'
import type { Evidence } from './evidence.ts'
import { explainRestarts } from './explain-restarts.ts'
import { findFindings } from './findings.ts'
import { judgeCriterion, overallVerdict } from './judge-criterion.ts'
import { createMachineTracker } from './machine-tracker.ts'
import { createOutageTracker } from './outage-tracker.ts'
import { createPopulation } from './population.ts'
import type { Baseline } from './read-baseline.ts'
import type { Availability, Counts, Happening, HappeningKind, Report, Sample } from './report.ts'
import { createSeriesTracker } from './series-tracker.ts'
import { createStretchTracker } from './stretch-tracker.ts'

/** For a line on a terminal. A percentile is null where the count can't carry it. */
export interface Progress {
  readonly observations: number
  readonly ok: number
  readonly failed: number
  readonly cold: number
  readonly resume: number
  readonly warm: number
  readonly p50Ms: number | null
  readonly p95Ms: number | null
  readonly p99Ms: number | null
}

/** Reads observations once, in the order of their probes, and keeps of them only what has a bound. */
export interface Assessment {
  add(observation: Observation): StartKind
  progress(): Progress
  finish(beside: { readonly evidence: Evidence; readonly baseline?: Baseline }): Report
}

export interface AssessmentOptions {
  /** As the report names it. */
  readonly target: string
  readonly criteria: readonly Criterion[]
}

const mostSamples = 1_000
/** Of each kind, so that thousands of cold starts do not hide the one restart behind them. */
const mostHappenings = 200

export function createAssessment({ target, criteria }: AssessmentOptions): Assessment {
  const all = createPopulation()
  const warm = createPopulation()
  const cold = createDistribution()
  const resume = createDistribution()
  const databaseMs = createDistribution()
  const outages = createOutageTracker()
  const stretches = createStretchTracker()
  const series = createSeriesTracker()
  const machines = createMachineTracker()
  const counts = { observations: 0, offline: 0, self: 0, outOfOrder: 0 }
  const kinds = { cold: 0, resume: 0, warm: 0, unclassified: 0 }
  const happenings: Happening[] = []
  const happeningCounts = new Map<HappeningKind, number>()
  let samples: Sample[] | null = []
  let [from, to, before] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]

  function place(atMs: number): void {
    if (atMs < before) counts.outOfOrder += 1
    before = atMs
    from = Math.min(from, atMs)
    to = Math.max(to, atMs)
  }

  function keep(observation: Observation, kind: StartKind, happened: readonly Happening[]): void {
    if (samples !== null && samples.length >= mostSamples) samples = null
    samples?.push({ observation, kind, happenings: happened })
  }

  function note(happening: Happening): void {
    const { kind, machine } = happening
    if (kind === 'restart' && machine !== undefined) outages.noteRestart(machine)
    // Two machines take turns: that is told of each sample, and would bury all else here.
    if (kind === 'machine_changed') return
    const before = happeningCounts.get(kind) ?? 0
    happeningCounts.set(kind, before + 1)
    if (before < mostHappenings) happenings.push(happening)
  }

  function addEvidence(observation: Observation, kind: StartKind): readonly Happening[] {
    kinds[kind] += 1
    all.add(observation, kind)
    if (kind === 'warm') warm.add(observation, kind)
    if (kind === 'cold') cold.add(observation.durationMs)
    if (kind === 'resume') resume.add(observation.durationMs)
    if (observation.databaseMs !== undefined) databaseMs.add(observation.databaseMs)
    const happened = machines.add(observation, kind)
    // Before the outages see the observation itself: a restart belongs to the one that it ends.
    for (const happening of happened) note(happening)
    outages.add(observation)
    stretches.add(observation)
    series.add(observation, kind)
    return happened
  }

  function finish({ evidence, baseline }: { readonly evidence: Evidence; readonly baseline?: Baseline }): Report {
    const [ofAll, ofWarm] = [all.figures(), warm.figures()]
    const judged = criteria.flatMap((criterion) =>
      judgeCriterion(criterion, {
        all: { figures: ofAll, latency: all.latency, metrics: evidence.metrics },
        warm: { figures: ofWarm, latency: warm.latency, metrics: undefined },
      }),
    )
    const latencyMs = {
      ...{ all: all.latency.figures(), warm: warm.latency.figures() },
      ...{ cold: cold.figures(), resume: resume.figures() },
    }
    const availability = availabilityOf(ofAll.ok, ofAll.probes)
    const seen = machines.machines()
    const facts = {
      target,
      from: isoOf(from),
      to: isoOf(to),
      verdict: overallVerdict(judged),
      counts: {
        ...counts,
        ...{ ok: ofAll.ok, failed: ofAll.probes - ofAll.ok },
        ...kinds,
        invalidLines: evidence.invalidLines?.count ?? 0,
      } satisfies Counts,
      latencyMs,
      availability,
      series: series.series(),
      stretches: stretches.stretches(),
      outages: outages.outages(),
      machines: seen,
      happenings: {
        count: [...happeningCounts.values()].reduce((sum, count) => sum + count, 0),
        listed: explainRestarts(happenings, evidence.machineEvents ?? []),
      },
      database: {
        responseMs: databaseMs.figures(),
        connectionErrors: ofAll.connectionCodes,
        silentProbes: ofAll.silentOfDatabase,
      },
      criteria: judged,
      ...(baseline === undefined ? {} : { comparison: compareWithBaseline(baseline, { latencyMs, availability }) }),
      costs: costs({
        regions: seen.toSorted((a, b) => b.observations - a.observations).flatMap(({ regions }) => regions),
        wakes: kinds.cold + kinds.resume,
        intervalMs: evidence.probing?.intervalMs,
        runningSeconds: evidence.metrics?.runningSeconds,
      }),
      samples,
      evidence,
    }
    const withChecklist = { ...facts, checklist: checklist(facts) }
    return { ...withChecklist, findings: findFindings(withChecklist) }
  }

  return {
    add(observation) {
      const kind = startKind(observation)
      counts.observations += 1
      const isSelf = observation.source === 'self'
      if (isSelf) counts.self += 1
      else if (!isEvidence(observation)) counts.offline += 1
      place(Date.parse(observation.at))
      const counted = !isSelf && isEvidence(observation)
      keep(observation, kind, counted ? addEvidence(observation, kind) : [])
      return kind
    },
    progress() {
      const { ok, probes } = all.figures()
      const [p50Ms, p95Ms, p99Ms] = [0.5, 0.95, 0.99].map((share) => all.latency.percentile(share))
      return {
        ...{ observations: counts.observations, ok, failed: probes - ok },
        ...{ cold: kinds.cold, resume: kinds.resume, warm: kinds.warm },
        ...{ p50Ms: p50Ms ?? null, p95Ms: p95Ms ?? null, p99Ms: p99Ms ?? null },
      }
    },
    finish,
  }
}

const isoOf = (ms: number): string | null => (Number.isFinite(ms) ? new Date(ms).toISOString() : null)

function availabilityOf(good: number, total: number): Availability {
  const interval = wilsonInterval(good, total)
  return {
    ...{ good, total },
    ratio: total === 0 ? null : good / total,
    ...{ low: interval?.low ?? null, high: interval?.high ?? null },
    method: 'Wilson score interval, 95 %',
  }
}
