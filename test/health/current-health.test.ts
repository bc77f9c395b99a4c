import { describe, expect, it } from 'vitest'
import type { CheckRecord } from '../../src/health/check.ts'
import { createCurrentHealth } from '../../src/health/current-health.ts'
import type { LifecycleState } from '../../src/lifecycle/lifecycle.ts'
import { facts, failingRecords, healthyRecords } from './format/example.ts'

function setUp() {
  const now = {
    records: healthyRecords as readonly CheckRecord[],
    version: 1,
    nextStaleAtMs: Number.POSITIVE_INFINITY,
    state: 'ready' as LifecycleState,
    ms: 0,
    reads: 0,
  }
  const current = createCurrentHealth({
    records: () => {
      now.reads += 1
      return now.records
    },
    version: () => now.version,
    nextStaleAtMs: () => now.nextStaleAtMs,
    lifecycleState: () => now.state,
    facts: () => ({ ...facts, cpuPercent: now.ms }),
    monotonicMs: () => now.ms,
  })
  return { now, current }
}

describe('current health', () => {
  it('is put together once for all who ask at a time', () => {
    const { now, current } = setUp()
    const answers = new Set(Array.from({ length: 1_000 }, () => current.json()))
    expect([answers.size, now.reads, current.json().healthy]).toEqual([1, 1, true])
  })

  it('is never older than the last change of a check', () => {
    const { now, current } = setUp()
    current.json()
    now.records = failingRecords
    now.version = 2
    expect([current.json().healthy, current.report().status]).toEqual([false, 'unhealthy'])
  })

  it('is never older than the lifecycle', () => {
    const { now, current } = setUp()
    current.json()
    now.state = 'draining'
    expect([current.json().healthy, current.report().status]).toEqual([false, 'draining'])
  })

  it('turns stale at the instant at which a result does, though nothing ran', () => {
    const { now, current } = setUp()
    now.nextStaleAtMs = 40
    current.json()
    now.records = healthyRecords.map((record) =>
      record.name === 'database' ? { ...record, status: 'stale', code: 'stale' } : record,
    )
    now.ms = 39
    expect(current.json().healthy).toBe(true)
    now.ms = 40
    expect(current.json().healthy).toBe(false)
  })

  it('tells of memory, CPU and pool as they were at most 100 ms ago', () => {
    const { now, current } = setUp()
    const usage = () => JSON.parse(current.json().render('now', 1)).resources.cpu.usage
    const seen = [0, 99, 100, 150, 200].map((ms) => {
      now.ms = ms
      return usage()
    })
    expect(seen).toEqual([0, 0, 100, 100, 200])
  })

  it('has the time and the uptime of each answer', () => {
    const { current } = setUp()
    const { render } = current.json()
    expect([render('t1', 1.234), render('t2', 2)].map((body) => JSON.parse(body))).toMatchObject([
      { timestamp: 't1', uptime: 1.23 },
      { timestamp: 't2', uptime: 2 },
    ])
  })
})
