import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createSchedule, type Schedule, type Turn } from '../../src/monitor/schedule.ts'

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => vi.useRealTimers())

const never = new AbortController().signal
const scheduleOf = (count: number, stepMs = 1_000) =>
  createSchedule({ stepMs, count, monotonicMs: () => performance.now() })

/** Collects the turns while time is advanced; `busyMs` blocks the loop before a turn is taken. */
function collect(schedule: Schedule, signal = never): { turns: Turn[]; ended: Promise<void> } {
  const turns: Turn[] = []
  async function run(): Promise<void> {
    for await (const turn of schedule.turns(signal)) turns.push(turn)
  }
  return { turns, ended: run() }
}

describe('turns', () => {
  it('come due by the first one, not by the one before', async () => {
    const { turns, ended } = collect(scheduleOf(4))
    await vi.advanceTimersByTimeAsync(0)
    expect(turns).toEqual([{ index: 0, dueMs: expect.any(Number), lateMs: 0 }])
    await vi.advanceTimersByTimeAsync(999)
    expect(turns).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(turns).toHaveLength(2)
    await vi.advanceTimersByTimeAsync(2_000)
    await ended
    expect(turns.map(({ index }) => index)).toEqual([0, 1, 2, 3])
  })

  it('that are overdue by less than a step begin late, and the next ones keep their time', async () => {
    const schedule = scheduleOf(3)
    const turns = schedule.turns(never)
    await turns.next()
    vi.advanceTimersByTime(1_400)
    expect((await turns.next()).value).toMatchObject({ index: 1, lateMs: 400 })
    const third = turns.next()
    await vi.advanceTimersByTimeAsync(599)
    await vi.advanceTimersByTimeAsync(1)
    expect((await third).value).toMatchObject({ index: 2, lateMs: 0 })
    expect(schedule.missed()).toBe(0)
  })

  it('that were slept over are counted as missed, and only one is fired', async () => {
    const schedule = scheduleOf(100)
    const turns = schedule.turns(never)
    await turns.next()
    vi.advanceTimersByTime(60_250)
    expect((await turns.next()).value).toMatchObject({ index: 60, lateMs: 250 })
    expect(schedule.missed()).toBe(59)
  })

  it('slept over to the end of the run are all missed', async () => {
    const schedule = scheduleOf(10)
    const turns = schedule.turns(never)
    await turns.next()
    vi.advanceTimersByTime(86_400_000)
    expect((await turns.next()).done).toBe(true)
    expect(schedule.missed()).toBe(9)
  })

  it('end at once when the signal aborts', async () => {
    const cut = new AbortController()
    const { turns, ended } = collect(scheduleOf(Number.POSITIVE_INFINITY), cut.signal)
    await vi.advanceTimersByTimeAsync(1_500)
    cut.abort()
    await ended
    expect(turns).toHaveLength(2)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('may be further apart than a timer can hold', async () => {
    const { turns, ended } = collect(scheduleOf(2, 3_000_000_000))
    await vi.advanceTimersByTimeAsync(2_999_999_999)
    expect(turns).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1)
    await ended
    expect(turns).toHaveLength(2)
  })
})
