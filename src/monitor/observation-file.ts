import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs'
import type { Observation } from '../observation/observation.ts'

export interface ObservationFile {
  append(observation: Observation): void
  close(): void
}

/**
 * JSON lines, one for each probe, appended as the run goes. Written in the calling thread: lines are short and few, and
 * libuv's own threads may all wait for DNS just when there is something to record.
 */
export function openObservationFile(options: {
  path: string
  /** 0: each line is with the kernel before `append` returns, so that whatever kills this process loses none of it. */
  heldChars: number
  onFailure: (problem: string) => void
}): ObservationFile {
  const { path, heldChars, onFailure } = options
  const file = openSync(path, 'a+')
  let whole = endsWithNewline(file)
  let held = ''

  function write(): void {
    const lines = held
    held = ''
    try {
      writeSync(file, `${whole ? '' : '\n'}${lines}`)
      whole = true
    } catch (error) {
      // A full disk takes half a line; the next one must not be glued to it.
      whole = false
      onFailure(`${path} could not be written (${error instanceof Error ? error.message : String(error)})`)
    }
  }

  return {
    append(observation) {
      held += `${JSON.stringify(observation)}\n`
      if (held.length > heldChars) write()
    },
    close() {
      if (held !== '') write()
      closeSync(file)
    },
  }
}

/** A run that was killed may have left half a line. */
function endsWithNewline(file: number): boolean {
  const { size } = fstatSync(file)
  if (size === 0) return true
  const last = Buffer.alloc(1)
  readSync(file, last, 0, 1, size - 1)
  return last[0] === 0x0a
}
