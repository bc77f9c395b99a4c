import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Evidence } from '../report/evidence.ts'

const schemaVersion = 1
/** JSON has no infinity, and the last bucket of every histogram ends there. */
const infinity = 'Infinity'

/** What was known beside the observations of a file, kept next to it: with both a report can be made again. */
export const evidencePath = (observationsFile: string) => join(dirname(observationsFile), 'evidence.json')

export function writeEvidence(path: string, evidence: Evidence): void {
  const replacer = (_: string, value: unknown) => (value === Number.POSITIVE_INFINITY ? infinity : value)
  const unfinished = `${path}.${process.pid}.tmp`
  writeFileSync(unfinished, `${JSON.stringify({ schemaVersion, ...evidence }, replacer, 2)}\n`)
  renameSync(unfinished, path)
}

/** Without such a file nothing is known; one that can't be used is a gap. */
export function readEvidence(path: string): Evidence {
  if (!existsSync(path)) return { gaps: [] }
  const unusable: Evidence = { gaps: [`${path} is not what a run leaves behind, so it was not used.`] }
  try {
    const reviver = (_: string, value: unknown) => (value === infinity ? Number.POSITIVE_INFINITY : value)
    const { schemaVersion: found, ...evidence } = JSON.parse(readFileSync(path, 'utf8'), reviver) as Evidence & {
      schemaVersion?: unknown
    }
    return found === schemaVersion && Array.isArray(evidence.gaps) ? evidence : unusable
  } catch {
    return unusable
  }
}
