import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type PastRestart, restartWindowMs } from '../history/machine-restarts.ts'
import type { RestartCode } from '../telemetry/metric-definitions.ts'
import { restartsMax } from './restart-budget.ts'

/**
 * This machine's own record of its restarts, in a file, for when the database is away. Both functions reject when the
 * disk refuses or does not answer in time.
 */
export interface RestartLedger {
  /** Of the last hour, youngest first. */
  read(): Promise<PastRestart[]>
  append(code: RestartCode): Promise<void>
}

interface Entry {
  /** ISO 8601. */
  readonly at: string
  readonly code: string
}

/** A disk that hangs must not keep a broken process alive. */
const diskTimeoutMs = 1_000
/** What stands for restarts that a broken file no longer tells of. */
const unknownCode = 'unknown'

/**
 * The file is JSON, replaced whole, so that no crash leaves half of it. Times are the wall clock's: one from the future
 * means that the clock was turned back, and is taken for now. `onBroken`: the file was not of our making; it is told
 * once, counts as a spent budget since it was last changed, and is replaced by one that says so.
 */
export function createRestartLedger(options: {
  directory: string
  wallMs: () => number
  onBroken: (path: string) => void
}): RestartLedger {
  const { directory, wallMs, onBroken } = options
  const path = join(directory, 'self-restarts.json')

  async function load(): Promise<Entry[]> {
    const nowMs = wallMs()
    const found = parse(await textOf(path))
    if (found === undefined) onBroken(path)
    const entries = found ?? Array(restartsMax).fill({ at: iso((await stat(path)).mtimeMs), code: unknownCode })
    const believed = entries.map(({ at, code }) => ({ at: iso(Math.min(Date.parse(at), nowMs)), code }))
    // Kept as they are now believed, or the same clock would be in the future for ever and the file broken for ever.
    const changed = found === undefined || believed.some(({ at }, index) => at !== entries[index]?.at)
    if (changed) await save(believed).catch(leaveIt)
    return believed
  }

  /** Written beside, synced and renamed: https://lwn.net/Articles/457667/ */
  async function save(entries: readonly Entry[]): Promise<void> {
    await mkdir(directory, { recursive: true })
    const draft = `${path}.${process.pid}`
    try {
      await writeFile(draft, `${JSON.stringify(entries)}\n`, { flush: true })
      await rename(draft, path)
    } catch (error) {
      await rm(draft, { force: true })
      throw error
    }
    await syncDirectory(directory)
  }

  return {
    read: () =>
      inTime(async () => {
        const nowMs = wallMs()
        const restarts = (await load()).map(({ at, code }) => ({ code, ageMs: nowMs - Date.parse(at) }))
        return restarts.filter(({ ageMs }) => ageMs < restartWindowMs).sort((a, b) => a.ageMs - b.ageMs)
      }),
    append: (code) =>
      inTime(async () => {
        const nowMs = wallMs()
        const kept = (await load()).filter(({ at }) => nowMs - Date.parse(at) < restartWindowMs)
        await save([...kept, { at: iso(nowMs), code }])
      }),
  }
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '[]'
    throw error
  }
}

/** Undefined when it is not what we write. */
function parse(text: string): Entry[] | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) && value.every(isEntry) ? value : undefined
  } catch {
    return undefined
  }
}

function isEntry(value: unknown): value is Entry {
  const { at, code } = (value ?? {}) as Partial<Record<'at' | 'code', unknown>>
  return typeof at === 'string' && typeof code === 'string' && !Number.isNaN(Date.parse(at))
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

function leaveIt(): void {
  // It is read the same way the next time.
}

async function inTime<T>(work: () => Promise<T>): Promise<T> {
  const answered = new AbortController()
  const deadline = delay(diskTimeoutMs, undefined, { signal: answered.signal }).then(() => {
    throw new Error(`the file of self-restarts: the disk did not answer within ${diskTimeoutMs} ms`)
  })
  try {
    return await Promise.race([work(), deadline])
  } finally {
    answered.abort()
  }
}

const iso = (ms: number) => new Date(ms).toISOString()
