import { randomUUID } from 'node:crypto'
import { mkdir, open, statfs, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { CheckFailure, type CheckReading } from '../check.ts'
import type { CheckWork } from './check-work.ts'
import { classifyFailure } from './failure-code.ts'

/** Below it the next log, spool or checkpoint may be the one that does not fit. */
const warnFreePercent = 5

/** Can this machine write in its data directory, and does what it wrote come back? */
export function createDiskCheck(options: { directory: string }): CheckWork {
  const { directory } = options

  /**
   * The kernel can't be told to give up on a file operation: a run on a disk that hangs stays in flight
   * until the disk answers, and the signal only keeps it from starting the next step.
   */
  async function run(signal: AbortSignal): Promise<CheckReading> {
    signal.throwIfAborted()
    await mkdir(directory, { recursive: true })
    const { bavail, blocks } = await statfs(directory)
    const freePercent = blocks === 0 ? 100 : Math.round((bavail / blocks) * 1_000) / 10
    const reading = { observedValue: freePercent, observedUnit: 'percent free', threshold: warnFreePercent }
    try {
      await writeAndReadBack(directory, signal)
    } catch (error) {
      const { code, message } = classifyFailure(error)
      throw new CheckFailure(code, message, reading, { cause: error })
    }
    if (freePercent >= warnFreePercent) return reading
    return { ...reading, degraded: { code: 'disk_full', message: `${freePercent} % of the disk is free` } }
  }

  return { run }
}

async function writeAndReadBack(directory: string, signal: AbortSignal): Promise<void> {
  const written = Buffer.from(randomUUID())
  const path = join(directory, `.health-${written}`)
  const file = await open(path, 'wx+')
  try {
    // Removed while open: nothing stays behind, also when the process is killed here.
    await unlink(path)
    signal.throwIfAborted()
    await file.write(written, 0, written.length, 0)
    await file.sync()
    signal.throwIfAborted()
    const { buffer } = await file.read(Buffer.alloc(written.length), 0, written.length, 0)
    if (!buffer.equals(written))
      throw new CheckFailure('bad_response', 'the disk gave back other bytes than were written')
  } finally {
    await file.close()
  }
}
