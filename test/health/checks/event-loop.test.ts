import { describe, expect, it } from 'vitest'
import type { CheckReading } from '../../../src/health/check.ts'
import { createEventLoopCheck } from '../../../src/health/checks/event-loop.ts'
import type { LagWindow } from '../../../src/telemetry/event-loop-lag.ts'

function run(windows: { last?: Partial<LagWindow>; running?: Partial<LagWindow> }): CheckReading {
  const quiet = { minMs: 0, maxMs: 2, meanMs: 1, stddevMs: 1, p50Ms: 1, p90Ms: 1, p99Ms: 2 }
  const eventLoopLag = {
    last: () => windows.last && { ...quiet, ...windows.last },
    running: () => windows.running && { ...quiet, ...windows.running },
  }
  return createEventLoopCheck({ eventLoopLag }).run(new AbortController().signal) as CheckReading
}

const healthy = { observedUnit: 'ms', threshold: 500 }

describe('the event loop check', () => {
  it('is healthy before the first sample', () => {
    expect(run({})).toEqual({ ...healthy, observedValue: 0 })
  })

  it('tells the 99th percentile of the last complete window', () => {
    expect(run({ last: { p99Ms: 99.4, maxMs: 999 }, running: {} })).toEqual({ ...healthy, observedValue: 99 })
  })

  it('warns from a delay of 100 ms on', () => {
    expect(run({ last: { p99Ms: 100, maxMs: 180 } })).toEqual({
      ...healthy,
      observedValue: 100,
      degraded: { code: 'event_loop_blocked', message: 'the event loop was late by 100 ms, once by 180 ms' },
    })
  })

  it('warns of a single pause of a second, also before its window is complete', () => {
    expect(run({ last: { maxMs: 1_000 } }).degraded?.code).toBe('event_loop_blocked')
    const reading = run({ last: {}, running: { p50Ms: 0, p90Ms: 3_000, p99Ms: 3_000, maxMs: 3_000 } })
    expect(reading.degraded?.message).toBe('the event loop was late by 2 ms, once by 3000 ms')
  })

  it('fails from a delay of 500 ms on', () => {
    expect(() => run({ last: { p99Ms: 500, maxMs: 600 } })).toThrow(
      expect.objectContaining({ code: 'event_loop_blocked', measurement: { ...healthy, observedValue: 500 } }),
    )
  })

  it('fails at once while half of the turns are late, without waiting for the window to end', () => {
    expect(() => run({ last: {}, running: { p50Ms: 640, p99Ms: 700, maxMs: 700 } })).toThrow(
      expect.objectContaining({ code: 'event_loop_blocked', measurement: { ...healthy, observedValue: 640 } }),
    )
  })
})
