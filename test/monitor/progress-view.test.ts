import { Writable } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { probeText, progressText, shareText } from '../../src/monitor/progress-text.ts'
import { createProgressView } from '../../src/monitor/progress-view.ts'
import type { Observation } from '../../src/observation/observation.ts'
import type { Progress } from '../../src/report/assessment.ts'

beforeEach(() => vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] }))
afterEach(() => vi.useRealTimers())

const observation: Observation = {
  ...{ id: '00000000-0000-4000-8000-000000000000', at: '2026-11-22T10:01:45.000Z', target: 'shop', source: 'monitor' },
  ...{ durationMs: 145.6, statusCode: 200, healthStatus: 'healthy', uptimeMs: 100, machine: 'm1', region: 'iad' },
}
const progress: Progress = {
  ...{ observations: 3, ok: 2, failed: 1, cold: 1, resume: 0, warm: 2 },
  ...{ p50Ms: 140.4, p95Ms: null, p99Ms: null },
}

class Screen extends Writable {
  text = ''
  isTTY = false
  columns = 80
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString('utf8')
    done()
  }
}
function viewOn(screen: Screen, targets = ['shop'], planned = 20) {
  return createProgressView(screen as unknown as NodeJS.WriteStream, {
    ...{ planned, stepMs: 15_000, monotonicMs: () => performance.now() },
    progress: () => targets.map((target) => ({ target, progress })),
  })
}
/** What is left of the lines after the last time that they were drawn. */
const lastDrawn = ({ text }: Screen) => stripVTControlCharacters(text.slice(text.lastIndexOf('\u001b[0J')))

describe('words for a person', () => {
  it.each<[Partial<Observation>, string]>([
    [{}, '10:01:45 shop 200 healthy in 146 ms, cold start, m1 iad'],
    [{ uptimeMs: 5_000 }, '10:01:45 shop 200 healthy in 146 ms, m1 iad'],
    [{ uptimeMs: 5_000, resumeMs: 50 }, '10:01:45 shop 200 healthy in 146 ms, resumed, m1 iad'],
    [
      {
        uptimeMs: 5_000,
        statusCode: 503,
        healthStatus: 'unhealthy',
        reasons: [{ check: 'database', code: 'timeout' }],
      },
      '10:01:45 shop 503 unhealthy in 146 ms, database timeout, m1 iad',
    ],
  ])('tell a probe: %j', (differs, text) => {
    expect(probeText({ ...observation, ...differs })).toBe(text)
  })

  it('tell what was so far, with a dash for what too few can tell', () => {
    expect(progressText(progress)).toBe('2 ok, 1 failed, 1 cold; p50 140 ms, p95 -, p99 -')
  })

  it('tell how far a run is, or how long one without an end has run', () => {
    expect(shareText(8, 20, 120_000, 180_000)).toBe('8 of 20 probes, 3 min left')
    expect(shareText(8, Number.POSITIVE_INFINITY, 120_000, 0)).toBe('8 probes in 2 min')
  })
})

describe('progress on a terminal', () => {
  const screenOf = (columns = 80) => Object.assign(new Screen(), { isTTY: true, columns })

  it('is drawn over itself, with the last result and what was so far', () => {
    const screen = screenOf()
    const view = viewOn(screen)
    vi.advanceTimersByTime(30_000)
    view.probed(observation)
    vi.advanceTimersByTime(1_000)
    expect(lastDrawn(screen)).toBe(
      [
        '[#.......................] 1 of 20 probes, 4 min 14 s left',
        'last   10:01:45 shop 200 healthy in 146 ms, cold start, m1 iad',
        'so far 2 ok, 1 failed, 1 cold; p50 140 ms, p95 -, p99 -',
        'Ctrl-C ends early and still writes the report',
        '',
      ].join('\n'),
    )
    // Up over the three lines of the time before.
    expect(screen.text).toContain('\u001b[3A')
    view.end()
    expect(lastDrawn(screen)).not.toContain('Ctrl-C')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('never wraps a line, and shows eight targets at most', () => {
    const screen = screenOf(40)
    const targets = Array.from({ length: 12 }, (_, index) => `a-target-with-quite-a-long-name-${index}`)
    const view = viewOn(screen, targets)
    view.end()
    const lines = lastDrawn(screen).split('\n')
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(40)
    expect(lines.filter((line) => line.startsWith('so far'))).toHaveLength(8)
    expect(lines).toContain('       and 4 more targets')
  })

  it('keeps a note above it', () => {
    const screen = screenOf()
    const view = viewOn(screen)
    view.note('the disk is full')
    expect(stripVTControlCharacters(screen.text)).toContain('the disk is full\n[')
    view.end()
  })
})

describe('progress elsewhere', () => {
  it('is a line a minute and one at the end', () => {
    const screen = new Screen()
    const view = viewOn(screen)
    view.probed(observation)
    vi.advanceTimersByTime(59_999)
    expect(screen.text).toBe('')
    vi.advanceTimersByTime(1)
    view.end()
    expect(screen.text.split('\n')).toEqual([
      'shop: 1 of 20 probes, 3 min 45 s left; 2 ok, 1 failed, 1 cold; p50 140 ms, p95 -, p99 -',
      'shop: 1 of 20 probes, 3 min 45 s left; 2 ok, 1 failed, 1 cold; p50 140 ms, p95 -, p99 -',
      '',
    ])
  })
})
