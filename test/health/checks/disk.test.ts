import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDiskCheck } from '../../../src/health/checks/disk.ts'
import { classifyFailure } from '../../../src/health/checks/failure-code.ts'

const { signal } = new AbortController()
let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'medio-disk-'))
})
afterEach(() => rm(directory, { recursive: true }))

describe('the disk check', () => {
  it('writes in the directory, tells the free share and leaves nothing behind', async () => {
    const reading = await createDiskCheck({ directory }).run(signal)
    expect(reading).toMatchObject({ observedValue: expect.any(Number), observedUnit: 'percent free', threshold: 5 })
    expect(await readdir(directory)).toEqual([])
  })

  it('makes the directory when it is missing', async () => {
    await createDiskCheck({ directory: join(directory, 'not', 'yet') }).run(signal)
    expect(await readdir(join(directory, 'not'))).toEqual(['yet'])
  })

  it('runs twice at once without the runs meeting each other', async () => {
    const check = createDiskCheck({ directory })
    const readings = await Promise.all([check.run(signal), check.run(signal), check.run(signal)])
    expect(readings.map((reading) => reading.observedUnit)).toEqual(Array(3).fill('percent free'))
  })

  it('touches nothing once the signal has aborted', async () => {
    const check = createDiskCheck({ directory: join(directory, 'untouched') })
    const error = await Promise.resolve(check.run(AbortSignal.abort())).catch((each) => each)
    expect(classifyFailure(error)).toMatchObject({ code: 'timeout' })
    expect(await readdir(directory)).toEqual([])
  })

  it('fails when the directory is a file', async () => {
    const path = join(directory, 'file')
    await writeFile(path, '')
    const error = await Promise.resolve(createDiskCheck({ directory: path }).run(signal)).catch((each) => each)
    expect(classifyFailure(error)).toMatchObject({ code: 'check_failed' })
  })
})
