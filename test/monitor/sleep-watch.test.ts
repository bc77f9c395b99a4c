import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createSleepWatch } from '../../src/monitor/sleep-watch.ts'

beforeEach(() => vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }))
afterEach(() => vi.useRealTimers())

function watchOf() {
  const clock = { monotonic: 1_000, wall: Date.UTC(2026, 10, 22) }
  const watch = createSleepWatch({ monotonicMs: () => clock.monotonic, wallMs: () => clock.wall })
  const run = (ms: number) => {
    for (let left = ms; left > 0; left -= 200) {
      clock.monotonic += 200
      clock.wall += 200
      vi.advanceTimersByTime(200)
    }
  }
  return { watch, clock, run }
}

it('a prober that runs all the time did not sleep, however long a probe takes', () => {
  const { watch, run } = watchOf()
  const slept = watch.begin()
  run(60_000)
  expect(slept()).toBe(false)
  watch.stop()
  expect(vi.getTimerCount()).toBe(0)
})

it.each([
  ['over which the monotonic clock went on', 5_000, 5_000],
  ['over which the monotonic clock stood still', 0, 5_000],
])('a sleep %s is seen by the probes within it, and by no later one', (_, monotonicMs, wallMs) => {
  const { watch, clock, run } = watchOf()
  const during = watch.begin()
  run(1_000)
  clock.monotonic += monotonicMs
  clock.wall += wallMs
  const after = watch.begin()
  run(1_000)
  expect([during(), after()]).toEqual([true, false])
})

it('a clock that is set back is no sleep', () => {
  const { watch, clock, run } = watchOf()
  const slept = watch.begin()
  clock.wall -= 3_600_000
  run(1_000)
  expect(slept()).toBe(false)
})
