import { spawnSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createRestartLedger, type RestartLedger } from '../../src/healing/restart-ledger.ts'

const minute = 60_000
const hour = 60 * minute
const nobody = 65_534

let parent: string
let directory: string
let file: string
let nowMs: number
let broken: string[]

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'medio-ledger-'))
  directory = join(parent, 'data')
  file = join(directory, 'self-restarts.json')
  nowMs = Date.parse('2026-11-22T10:00:00.000Z')
  broken = []
})
afterEach(() => rm(parent, { recursive: true, force: true }))

/** Each as the process after a restart has it: nothing is remembered but the file. */
function open(): RestartLedger {
  return createRestartLedger({ directory, wallMs: () => nowMs, onBroken: (path) => broken.push(path) })
}

async function put(text: string): Promise<void> {
  await mkdir(directory, { recursive: true })
  await writeFile(file, text)
}

describe('the file of self-restarts', () => {
  it('is empty where there is none, and none is made for it', async () => {
    expect(await open().read()).toEqual([])
    await expect(readdir(directory)).rejects.toThrow('ENOENT')
  })

  it('outlives the process, youngest first, and forgets after an hour', async () => {
    await open().append('pool_stuck')
    nowMs += 20 * minute
    await open().append('memory_high')
    expect(await open().read()).toEqual([
      { code: 'memory_high', ageMs: 0 },
      { code: 'pool_stuck', ageMs: 20 * minute },
    ])
    nowMs += 40 * minute
    expect(await open().read()).toEqual([{ code: 'memory_high', ageMs: 40 * minute }])
    await open().append('event_loop_blocked')
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual([
      { at: '2026-11-22T10:20:00.000Z', code: 'memory_high' },
      { at: '2026-11-22T11:00:00.000Z', code: 'event_loop_blocked' },
    ])
    expect(await readdir(directory)).toEqual(['self-restarts.json'])
  })

  it('takes a restart from the future for one of now, and so forgets it an hour later', async () => {
    nowMs += 365 * 24 * hour
    await open().append('pool_stuck')
    nowMs -= 365 * 24 * hour
    expect(await open().read()).toEqual([{ code: 'pool_stuck', ageMs: 0 }])
    nowMs += 59 * minute
    expect(await open().read()).toEqual([{ code: 'pool_stuck', ageMs: 59 * minute }])
    nowMs += minute
    expect(await open().read()).toEqual([])
  })

  it.each([
    ['half a list', '[{"at":"2026-11-22T09:5'],
    ['nothing at all', ''],
    ['no list', '{"at":"2026-11-22T09:59:00.000Z","code":"pool_stuck"}'],
    ['a time that is none', '[{"at":"yesterday","code":"pool_stuck"}]'],
    ['an entry that is none', '[null]'],
  ])('that holds %s counts as a spent budget for an hour, and is told once', async (_what, text) => {
    await put(text)
    await utimes(file, new Date(nowMs), new Date(nowMs - 10 * minute))
    const spent = { code: 'unknown', ageMs: 10 * minute }
    expect(await open().read()).toEqual([spent, spent, spent])
    expect(broken).toEqual([file])
    nowMs += 49 * minute
    expect(await open().read()).toHaveLength(3)
    nowMs += minute
    expect(await open().read()).toEqual([])
    expect(broken).toEqual([file])
  })

  it('that is broken and was changed in the future counts as a spent budget from now on', async () => {
    await put('?')
    await utimes(file, new Date(nowMs + hour), new Date(nowMs + hour))
    expect((await open().read()).map(({ ageMs }) => ageMs)).toEqual([0, 0, 0])
    nowMs += hour
    expect(await open().read()).toEqual([])
  })

  it('is an error where it is a directory, to read and to write', async () => {
    await mkdir(file, { recursive: true })
    await expect(open().read()).rejects.toThrow('EISDIR')
    await expect(open().append('pool_stuck')).rejects.toThrow('EISDIR')
  })

  it('is an error when the disk does not answer', async () => {
    await mkdir(directory)
    // Nobody writes into it: whoever opens it to read waits.
    spawnSync('mkfifo', [file])
    await expect(open().read()).rejects.toThrow('did not answer within 1000 ms')
    await writeFile(file, '')
  })

  it('is an error to write where the directory can not be made', async () => {
    await writeFile(directory, 'a file is in the way')
    await expect(open().append('pool_stuck')).rejects.toThrow('ENOTDIR')
  })

  it('stays as it was, and no draft beside it, where nothing may be written', async () => {
    await open().append('pool_stuck')
    await chmod(parent, 0o755)
    await chmod(directory, 0o555)
    // Root may write everywhere: for it the question must be put as somebody else.
    const isRoot = process.getuid?.() === 0
    if (isRoot) process.seteuid?.(nobody)
    try {
      await expect(open().append('memory_high')).rejects.toThrow('EACCES')
      expect(await open().read()).toEqual([{ code: 'pool_stuck', ageMs: 0 }])
    } finally {
      if (isRoot) process.seteuid?.(0)
      await chmod(directory, 0o755)
    }
    expect(await readdir(directory)).toEqual(['self-restarts.json'])
  })
})
