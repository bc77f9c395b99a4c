import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { HistoryEntry } from '../../src/history/history-entry.ts'
import { type Dropped, type HistorySpool, openHistorySpool, spoolExists } from '../../src/history/history-spool.ts'

let directory: string
let opened: HistorySpool[]
let dropped: Dropped[]
let broken: string[]

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'medio-spool-'))
  opened = []
  dropped = []
  broken = []
})
afterEach(() => {
  for (const spool of opened) spool.close()
  rmSync(directory, { recursive: true, force: true })
})

function open(maxBytes = 1_000_000): HistorySpool {
  const spool = openHistorySpool({
    ...{ directory, maxBytes },
    onDropped: (lost) => dropped.push(lost),
    onBroken: (keptAs) => broken.push(keptAs),
  })
  opened.push(spool)
  return spool
}

const restart = (index: number): HistoryEntry => ({
  ...{ kind: 'restart', machine: { id: 'one', region: 'iad' }, code: 'memory_high' },
  at: new Date(index).toISOString(),
})

function drain(spool: HistorySpool): HistoryEntry[] {
  const entries: HistoryEntry[] = []
  for (let next = spool.oldest(); next !== undefined; next = spool.oldest()) {
    entries.push(next.entry)
    spool.remove(next.id)
  }
  return entries
}

it('a spool gives back what it was given, oldest first, over the end of a process', () => {
  expect(spoolExists(directory)).toBe(false)
  open().append([restart(1), restart(2)])
  expect(spoolExists(directory)).toBe(true)
  // Not closed: as a process that was killed leaves it.
  const next = open()
  next.append([restart(3)])
  expect(next.size().entries).toBe(3)
  expect(drain(next)).toEqual([restart(1), restart(2), restart(3)])
  expect(next.size()).toEqual({ entries: 0, bytes: 0 })
})

it('a full spool forgets the oldest and tells how many records of which kind they were', () => {
  const spool = open(900)
  const at = '2026-11-22T10:00:00.000Z'
  const observation = { id: 'x', at, target: 'api', source: 'london', durationMs: 1, statusCode: 200 }
  spool.append([{ kind: 'observations', observations: [observation, observation] }, restart(1)])
  expect(dropped).toEqual([])
  spool.append(Array.from({ length: 8 }, (_, index) => restart(2 + index)))
  expect(dropped).toEqual([{ observations: 2, restart: 1 }])
  expect(spool.size().bytes).toBeLessThanOrEqual(900)
  expect(drain(spool)).toEqual(Array.from({ length: 8 }, (_, index) => restart(2 + index)))
})

it('two processes on one directory share one order, and neither loses what the other writes', () => {
  const one = open()
  const two = open()
  one.append([restart(1)])
  two.append([restart(2)])
  const seenByTwo = two.oldest()
  expect(seenByTwo?.entry).toEqual(restart(1))
  one.append([restart(3)])
  one.remove(seenByTwo?.id ?? 0)
  two.remove(seenByTwo?.id ?? 0)
  expect(drain(one)).toEqual([restart(2), restart(3)])
  expect(two.oldest()).toBeUndefined()
})

it('a damaged spool is put aside and told, and a new one begun', () => {
  writeFileSync(join(directory, 'history-spool.sqlite'), 'not a database at all'.repeat(500))
  const spool = open()
  spool.append([restart(1)])
  expect(drain(spool)).toEqual([restart(1)])
  expect(broken).toHaveLength(1)
  const kept = readdirSync(directory).filter((name) => name.includes('.broken-'))
  expect(kept.map((name) => join(directory, name))).toEqual(broken)
})

it('a directory that can not be written to is an error that names it', () => {
  writeFileSync(join(directory, 'file'), '')
  directory = join(directory, 'file')
  expect(() => open()).toThrow(/ENOTDIR|EEXIST/)
  directory = join(directory, '..')
})

it('a file that has no more room refuses an entry whole, keeps what it has, and takes what fits', () => {
  const spool = open(1_000)
  spool.append([restart(1)])
  const huge = { ...restart(2), machine: { id: 'x'.repeat(2_000_000), region: 'iad' } } as HistoryEntry
  expect(() => spool.append([restart(3), huge])).toThrow('full')
  spool.append([restart(4)])
  expect(drain(spool)).toEqual([restart(1), restart(4)])
})
