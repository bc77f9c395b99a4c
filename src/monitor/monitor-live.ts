import { randomUUID } from 'node:crypto'
import { existsSync, rmSync } from 'node:fs'
import type { Observation } from '../observation/observation.ts'
import type { Report } from '../report/report.ts'
import { createAssessments } from './assessments.ts'
import { evidencePath, writeEvidence } from './evidence-file.ts'
import { startEvidenceSources } from './evidence-sources.ts'
import { openObservationFile } from './observation-file.ts'
import type { LiveOptions } from './options.ts'
import { observationsPath } from './out-directory.ts'
import type { MonitorSecrets, Prepared } from './prepare.ts'
import { runProbes, turnsOf } from './probe-run.ts'
import { createProber } from './prober.ts'
import { createProgressView } from './progress-view.ts'
import { replay } from './replay.ts'
import { createSchedule } from './schedule.ts'
import { createSleepWatch } from './sleep-watch.ts'

/**
 * Probes, gathers what else is to be known, and judges. Resolves with a report for each target, or with what keeps it
 * from probing at all. `signal`: ends early, with a report of what there is.
 */
export async function monitorLive(run: {
  options: LiveOptions
  prepared: Prepared
  secrets: MonitorSecrets
  /** For the progress. */
  stream: NodeJS.WriteStream
  signal: AbortSignal
}): Promise<{ readonly reports: readonly Report[] } | { readonly problem: string }> {
  const { options, prepared, stream, signal } = run
  const { targets, source, timeoutMs, reuse, controlUrl, outDirectory } = options
  const monotonicMs = () => performance.now()
  const sources = await startEvidenceSources(options, run)
  if ('problem' in sources) return sources

  const assessments = createAssessments({ ...prepared, targets: targets.map(({ name }) => name) })
  const path = outDirectory === undefined ? undefined : observationsPath(outDirectory)
  // A run without an end that was killed goes on where it was.
  const onBefore = (observation: Observation) => {
    assessments.add(observation)
    sources.postAgain(observation)
  }
  const before = path !== undefined && existsSync(path) ? await replay(path, onBefore) : undefined
  // It is of the run before, and would be taken for this one's if this one is killed.
  if (path !== undefined) rmSync(evidencePath(path), { force: true })
  const fromMs = Date.now()

  const turns = turnsOf(options)
  const view = createProgressView(stream, {
    ...{ planned: turns.count, stepMs: turns.stepMs, monotonicMs, progress: assessments.progress },
  })
  const gaps = new Set<string>()
  const onFailure = (problem: string) => {
    if (!gaps.has(problem)) view.note(`medio monitor: ${problem}; probing goes on`)
    gaps.add(problem)
  }
  const file = path === undefined ? undefined : openObservationFile({ path, heldChars: 0, onFailure })
  const onStop = () =>
    view.note('medio monitor: ending early; the report follows, and Ctrl-C once more quits without it')
  signal.addEventListener('abort', onStop, { once: true })
  const prober = createProber({
    ...{ source, timeoutMs, reuse, controlUrl, monotonicMs, wallMs: () => Date.now(), newId: randomUUID },
    secure: targets.some(({ url }) => url.protocol === 'https:'),
  })
  await prober.warmUp(signal)
  const probingEnded = new AbortController()
  const followed = sources.follow(probingEnded.signal)
  const sleepWatch = createSleepWatch({ monotonicMs, wallMs: () => Date.now() })
  const probing = await runProbes({
    sleepWatch,
    ...{ options, prober, signal, schedule: createSchedule({ ...turns, monotonicMs }), machines: sources.machines },
    onObservation(observation) {
      file?.append(observation)
      assessments.add(observation)
      sources.post(observation)
    },
    onProbed: ({ observation }) => view.probed(observation),
  })
  signal.removeEventListener('abort', onStop)
  probingEnded.abort()
  sleepWatch.stop()
  prober.close()
  file?.close()
  view.end()
  await followed

  const found = await sources.finish({ fromMs, window: assessments.window() })
  const evidence = { ...found, probing, gaps: [...found.gaps, ...gaps] }
  if (path !== undefined) writeEvidence(evidencePath(path), evidence)
  const { invalidLines } = before ?? {}
  return { reports: assessments.finish({ ...evidence, ...(invalidLines !== undefined && { invalidLines }) }) }
}
