import type { Report } from '../report/report.ts'
import { createAssessments } from './assessments.ts'
import { evidencePath, readEvidence, writeEvidence } from './evidence-file.ts'
import { readLogEvidence } from './log-evidence.ts'
import { openObservationFile } from './observation-file.ts'
import type { ReplayOptions } from './options.ts'
import { isSameFile, observationsPath } from './out-directory.ts'
import type { Prepared } from './prepare.ts'
import { replay } from './replay.ts'

/** The source is there still, so what is held back can't be lost. */
const heldChars = 65_536

/** The same reports of recorded observations, in one pass. Resolves with the problem when none of them can be used. */
export async function monitorReplay(run: {
  options: ReplayOptions
  prepared: Prepared
}): Promise<{ readonly reports: readonly Report[] } | { readonly problem: string }> {
  const { replayFile, outDirectory, logFile } = run.options
  const assessments = createAssessments({ ...run.prepared, targets: [] })
  const gaps = new Set<string>()
  const path = outDirectory === undefined ? undefined : observationsPath(outDirectory)
  const isInPlace = path === undefined || isSameFile(path, replayFile)
  const onFailure = (problem: string) => gaps.add(problem)
  const file = isInPlace ? undefined : openObservationFile({ path, heldChars, onFailure })

  const { usable, invalidLines } = await replay(replayFile, (observation) => {
    assessments.add(observation)
    file?.append(observation)
  })
  file?.close()
  if (usable === 0) {
    const [first] = invalidLines?.examples ?? []
    return { problem: `${replayFile} has no usable observation${first === undefined ? '' : `; ${first}`}` }
  }
  const kept = readEvidence(evidencePath(replayFile))
  const log = await readLogEvidence(logFile, assessments.window())
  const evidence = { ...kept, ...log, gaps: [...kept.gaps, ...log.gaps, ...gaps] }
  if (!isInPlace) writeEvidence(evidencePath(path), evidence)
  const reports = assessments.finish({ ...evidence, ...(invalidLines !== undefined && { invalidLines }) })
  return { reports }
}
