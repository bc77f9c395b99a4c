import type { Observation } from '../observation/observation.ts'
import { readObservation } from '../observation/read-observation.ts'
import type { Evidence } from '../report/evidence.ts'
import { eachLine } from './file-lines.ts'

export interface Replayed {
  readonly usable: number
  /** Absent: every line was good. */
  readonly invalidLines?: NonNullable<Evidence['invalidLines']>
}

const examplesMax = 10
const exampleMaxLength = 200

/** Recorded observations, in the order of the file. A bad line is counted, the first ones by number, and it goes on. */
export async function replay(path: string, onObservation: (observation: Observation) => void): Promise<Replayed> {
  let usable = 0
  let count = 0
  const examples: string[] = []

  await eachLine(path, (line, number) => {
    if (line?.trim() === '') return
    const read = readLine(line)
    if ('observation' in read) {
      usable += 1
      onObservation(read.observation)
      return
    }
    count += 1
    if (examples.length < examplesMax) examples.push(`line ${number}: ${read.problem}`.slice(0, exampleMaxLength))
  })
  return { usable, ...(count > 0 && { invalidLines: { count, examples } }) }
}

function readLine(line: string | undefined): { observation: Observation } | { problem: string } {
  if (line === undefined) return { problem: 'is too long' }
  let value: unknown
  try {
    value = JSON.parse(line.replace(/^\uFEFF/, ''))
  } catch {
    return { problem: 'is no JSON' }
  }
  const read = readObservation(value)
  if ('observation' in read) return read
  return { problem: read.problems.map(({ field, detail }) => `${field} ${detail}`.trim()).join('; ') }
}
