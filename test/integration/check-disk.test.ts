import { spawnSync } from 'node:child_process'
import { chmod, mkdtemp, readdir, rm, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDiskCheck } from '../../src/health/checks/disk.ts'
import { classifyFailure } from '../../src/health/checks/failure-code.ts'

const { signal } = new AbortController()
const diskBytes = 1_048_576
const nobody = 65_534
const asRoot = process.getuid?.() === 0

let directory: string
let mounted = false
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'medio-disk-'))
})
afterEach(async () => {
  if (mounted) spawnSync('umount', ['--lazy', directory])
  mounted = false
  await rm(directory, { recursive: true })
})

/** A disk of 1 MB in memory at `directory`. Only root may, and not in every container: false, and proven, elsewhere. */
function mountSmallDisk(): boolean {
  const options = ['-t', 'tmpfs', '-o', `size=${diskBytes}`, 'none', directory]
  const { status, error, stderr } = spawnSync('mount', options, { encoding: 'utf8' })
  mounted = status === 0
  if (!mounted) expect(error?.message ?? stderr).toMatch(/permission denied|superuser|not permitted|ENOENT/i)
  return mounted
}

async function failureOf(work: unknown) {
  const error = await Promise.resolve(work).then(
    () => expect.unreachable('the check was to fail'),
    (reason: unknown) => reason,
  )
  return classifyFailure(error)
}

/** Root may write everywhere: for it the question must be put as somebody else. */
async function expectForbidden(): Promise<void> {
  await chmod(directory, 0o555)
  if (asRoot) process.seteuid?.(nobody)
  try {
    const failure = await failureOf(createDiskCheck({ directory }).run(signal))
    expect(failure).toMatchObject({ code: 'disk_read_only', measurement: { observedUnit: 'percent free' } })
  } finally {
    if (asRoot) process.seteuid?.(0)
    await chmod(directory, 0o755)
  }
}

describe('the disk check on a real disk', () => {
  it('reads a directory in which it may not write as read-only', () => expectForbidden())

  it('reads a full disk as full, and is healthy again once there is room', async () => {
    if (!mountSmallDisk()) return expectForbidden()
    await writeFile(join(directory, 'filler'), Buffer.alloc(diskBytes))
    const failure = await failureOf(createDiskCheck({ directory }).run(signal))
    expect(failure).toMatchObject({
      code: 'disk_full',
      measurement: { observedValue: 0, observedUnit: 'percent free', threshold: 5 },
    })
    await unlink(join(directory, 'filler'))
    expect(await createDiskCheck({ directory }).run(signal)).toEqual({
      observedValue: 100,
      observedUnit: 'percent free',
      threshold: 5,
    })
    expect(await readdir(directory)).toEqual([])
  })

  it('warns of a disk that is nearly full', async () => {
    if (!mountSmallDisk()) return expectForbidden()
    await writeFile(join(directory, 'filler'), Buffer.alloc(diskBytes * 0.96))
    const reading = await createDiskCheck({ directory }).run(signal)
    expect(reading.observedValue).toBeLessThan(5)
    expect(reading.degraded?.code).toBe('disk_full')
  })

  it('reads a disk that was remounted read-only as such', async () => {
    if (!mountSmallDisk()) return expectForbidden()
    expect(spawnSync('mount', ['-o', 'remount,ro', directory]).status).toBe(0)
    const failure = await failureOf(createDiskCheck({ directory }).run(signal))
    expect(failure).toMatchObject({ code: 'disk_read_only', message: expect.stringContaining('EROFS') })
  })
})
