import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createResumeDetector, type ResumeDetector, type ResumeSigns } from '../../src/lifecycle/resume-detector.ts'

const tickMs = 200
const hourMs = 3_600_000

let clock = { monotonicMs: 0, wallMs: 0, cpuMs: 0 }
let resumes: ResumeSigns[] = []
let starting = false
let detector: ResumeDetector

beforeEach(() => {
  vi.useFakeTimers()
  clock = { monotonicMs: 10_000, wallMs: 1_700_000_000_000, cpuMs: 0 }
  resumes = []
  starting = false
  detector = createResumeDetector({
    monotonicMs: () => clock.monotonicMs,
    wallMs: () => clock.wallMs,
    cpuMs: () => clock.cpuMs,
    isStarting: () => starting,
    onResume: (signs) => resumes.push(signs),
  })
})
afterEach(() => {
  detector.stop()
  vi.useRealTimers()
})

/** Time passes by both clocks. */
function pass(ms: number): void {
  clock.monotonicMs += ms
  clock.wallMs += ms
}

/** Somebody sets the wall clock; the monotonic one goes on. */
function step(ms: number): void {
  clock.wallMs += ms
}

function tickAfter(ms: number, busyMs = 0): void {
  pass(ms)
  clock.cpuMs += busyMs
  vi.advanceTimersByTime(tickMs)
}

describe('the resume detector', () => {
  it('sees nothing in ticks that come on time', () => {
    for (let tick = 0; tick < 20; tick++) tickAfter(tickMs)
    expect(resumes).toEqual([])
    expect(detector.sinceResumeMs()).toBeUndefined()
  })

  it('tells a resume once, also when it is asked before the next tick', () => {
    pass(60_000)
    detector.look()
    expect(resumes).toEqual([{ gapMs: 60_000, steppedMs: 0 }])
    detector.look()
    tickAfter(1)
    expect(resumes).toHaveLength(1)
    expect(detector.sinceResumeMs()).toBe(1)
  })

  it('knows of a resume when the first answer after it asks for its header', () => {
    pass(60_000)
    expect(detector.sinceResumeMs()).toBe(0)
    expect(resumes).toHaveLength(1)
  })

  it('tells every resume, and counts from the last', () => {
    tickAfter(60_000)
    tickAfter(tickMs)
    step(hourMs)
    tickAfter(tickMs)
    expect(resumes).toEqual([
      { gapMs: 60_000, steppedMs: 0 },
      { gapMs: tickMs, steppedMs: hourMs },
    ])
    pass(40)
    expect(detector.sinceResumeMs()).toBe(40)
  })

  it('tells of nothing once it is stopped', () => {
    detector.stop()
    tickAfter(60_000)
    expect(resumes).toEqual([])
  })
})

describe('a late tick', () => {
  it('is a resume when it came more than two seconds late without work', () => {
    tickAfter(2_000)
    expect(resumes).toEqual([])
    tickAfter(2_001, 100)
    expect(resumes).toEqual([{ gapMs: 2_001, steppedMs: 0 }])
    pass(40)
    expect(detector.sinceResumeMs()).toBe(40)
  })

  it('is a blocked loop when the process worked all the time, or as much of it as a throttled machine lets it', () => {
    tickAfter(3_000, 2_900)
    // Fly, burst spent: 5 ms of every 80 ms.
    tickAfter(3_000, 3_000 / 16)
    tickAfter(3_000, 150)
    expect(resumes).toEqual([])
  })

  it('is a resume after four seconds of sleep also when the process was fully busy until the last moment', () => {
    clock.cpuMs += tickMs
    pass(tickMs - 1)
    tickAfter(4_000)
    expect(resumes).toEqual([{ gapMs: 4_000 + tickMs - 1, steppedMs: 0 }])
  })
})

describe('a wall clock that steps forwards', () => {
  it('is a resume by more than two seconds', () => {
    step(2_000)
    tickAfter(tickMs)
    expect(resumes).toEqual([])
    step(2_001)
    tickAfter(tickMs)
    expect(resumes).toEqual([{ gapMs: tickMs, steppedMs: 2_001 }])
  })

  it('is a resume at the first look, between two ticks, and not again at the next', () => {
    tickAfter(tickMs)
    pass(10)
    step(hourMs)
    expect(detector.sinceResumeMs()).toBe(0)
    expect(resumes).toEqual([{ gapMs: 10, steppedMs: hourMs }])
    for (let tick = 0; tick < 10; tick++) tickAfter(tickMs)
    expect(resumes).toHaveLength(1)
    expect(detector.sinceResumeMs()).toBe(10 * tickMs)
  })

  it('is one resume together with a late tick', () => {
    step(hourMs)
    tickAfter(5_000)
    expect(resumes).toEqual([{ gapMs: 5_000, steppedMs: hourMs }])
    tickAfter(tickMs)
    detector.look()
    expect(resumes).toHaveLength(1)
  })

  it('is a resume also when the loop was busy meanwhile', () => {
    step(hourMs)
    tickAfter(3_000, 2_900)
    expect(resumes).toEqual([{ gapMs: 3_000, steppedMs: hourMs }])
  })
})

describe('a process that starts', () => {
  it('tells neither a gap nor a step, and both from then on', () => {
    starting = true
    tickAfter(60_000)
    step(hourMs)
    tickAfter(tickMs)
    starting = false
    tickAfter(tickMs)
    expect(resumes).toEqual([])
    expect(detector.sinceResumeMs()).toBeUndefined()
    tickAfter(60_000)
    step(hourMs)
    tickAfter(tickMs)
    expect(resumes).toHaveLength(2)
  })
})

describe('a wall clock that is corrected slowly', () => {
  it.each([
    ['half a millisecond', 0.5],
    ['83 milliseconds, the most that chrony slews by default,', 83.3],
  ])('by %s a second is no resume after three hours, however often somebody looks', (_name, driftMs) => {
    for (let second = 0; second < 3 * 3_600; second++) {
      for (const share of [0.1, 0.4, 0.5]) {
        step(driftMs * share)
        tickAfter(share * 1_000)
      }
    }
    expect(resumes).toEqual([])
  })
})

describe('a wall clock that steps backwards', () => {
  it('is no resume, and what is seen after it is judged by the new time', () => {
    step(-hourMs)
    tickAfter(tickMs)
    expect(resumes).toEqual([])
    step(2_001)
    tickAfter(tickMs)
    expect(resumes).toEqual([{ gapMs: tickMs, steppedMs: 2_001 }])
  })

  it('does not hide a late tick', () => {
    step(-hourMs)
    tickAfter(60_000)
    expect(resumes).toEqual([{ gapMs: 60_000, steppedMs: -hourMs }])
  })
})

describe('a process that is stopped between its two clock readings', () => {
  it.each(['monotonicMs', 'wallMs'] as const)('just after %s was read tells one resume', (stoppedAfter) => {
    detector.stop()
    let asleepMs = 0
    const reading = (name: 'monotonicMs' | 'wallMs') => () => {
      const found = clock[name]
      if (name === stoppedAfter) pass(asleepMs)
      if (name === stoppedAfter) asleepMs = 0
      return found
    }
    detector = createResumeDetector({
      monotonicMs: reading('monotonicMs'),
      wallMs: reading('wallMs'),
      cpuMs: () => 0,
      isStarting: () => false,
      onResume: (signs) => resumes.push(signs),
    })
    asleepMs = 60_000
    for (let tick = 0; tick < 10; tick++) tickAfter(tickMs)
    expect(resumes).toHaveLength(1)
  })
})
