import { execFile } from 'node:child_process'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A wall clock that a test sets under a running process. The monotonic clock of that process stays the real one. */
export async function createSettableClock() {
  const directory = await mkdtemp(join(tmpdir(), 'medio-clock-'))
  const file = join(directory, 'offset')

  /** `offsetSeconds` from the real time. */
  async function set(offsetSeconds: number): Promise<void> {
    await writeFile(`${file}.next`, `${offsetSeconds < 0 ? '' : '+'}${offsetSeconds}\n`)
    await rename(`${file}.next`, file)
  }

  await set(0)
  // The wrapper fixes one offset for good; only its library reads a file again and again.
  const { stdout } = await run('faketime', ['-f', '+0', 'printenv', 'LD_PRELOAD'])
  return {
    /** For the environment of the process. */
    env: {
      LD_PRELOAD: stdout.trim(),
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
    set,
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  }
}
