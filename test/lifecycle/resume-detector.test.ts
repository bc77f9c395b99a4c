import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createResumeDetector, type ResumeDetector } from '../../src/lifecycle/resume-detector.ts'

const tickMs = 500

describe('the resume detector', () => {
  let nowMs = 0
  let cpuMs = 0
  let gaps: number[] = []
  let detector: ResumeDetector

  beforeEach(() => {
    vi.useFakeTimers()
    nowMs = 10_000
    cpuMs = 0
    gaps = []
    detector = createResumeDetector({
      monotonicMs: () => nowMs,
      cpuMs: () => cpuMs,
      onResume: (gapMs) => gaps.push(gapMs),
    })
  })
  afterEach(() => {
    detector.stop()
    vi.useRealTimers()
  })

  function tickAfter(wallMs: number, busyMs = 0): void {
    nowMs += wallMs
    cpuMs += busyMs
    vi.advanceTimersByTime(tickMs)
  }

  it('sees nothing in ticks that come on time', () => {
    for (let tick = 0; tick < 20; tick++) tickAfter(tickMs)
    expect(gaps).toEqual([])
    expect(detector.sinceResumeMs()).toBeUndefined()
  })

  it('takes a tick that came late without work for a resume, and counts from there', () => {
    tickAfter(3_000, 5)
    expect(gaps).toEqual([3_000])
    nowMs += 40
    expect(detector.sinceResumeMs()).toBe(40)
  })

  it('takes a tick that came late because of work for a blocked loop', () => {
    tickAfter(3_000, 2_900)
    expect(gaps).toEqual([])
  })

  it('tells a resume once, also when it is asked before the next tick', () => {
    nowMs += 60_000
    detector.look()
    expect(gaps).toEqual([60_000])
    detector.look()
    tickAfter(1)
    expect(gaps).toEqual([60_000])
    expect(detector.sinceResumeMs()).toBe(1)
  })

  it('knows of a resume when the first answer after it asks for its header', () => {
    nowMs += 60_000
    expect(detector.sinceResumeMs()).toBe(0)
    expect(gaps).toEqual([60_000])
  })

  it('tells of nothing once it is stopped', () => {
    detector.stop()
    tickAfter(60_000)
    expect(gaps).toEqual([])
  })
})
