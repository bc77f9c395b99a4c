import { expect, it } from 'vitest'
import { createMemoryWatch } from '../../src/healing/memory-watch.ts'
import type { CheckRecord } from '../../src/health/check.ts'

const lastsMs = 120_000

/** The watch looks every five seconds; `percentAt` gets seconds since the first look. */
function watchFor(seconds: number, percentAt: (seconds: number) => number | undefined) {
  let nowMs = 0
  let record: CheckRecord | undefined
  const watch = createMemoryWatch({ record: () => record, monotonicMs: () => nowMs, lastsMs })
  let fault = watch.look()
  for (let second = 0; second <= seconds; second += 5) {
    nowMs = second * 1_000
    const observedValue = percentAt(second)
    const rest = { scope: 'local', critical: true, status: 'healthy', consecutiveFailures: 0 } as const
    if (observedValue !== undefined) record = { name: 'memory', ...rest, observedValue, checkedAt: nowMs + 1 }
    fault = watch.look()
  }
  return fault
}

it('the watch over memory finds a fault when the check reads 96 % for two minutes', async () => {
  expect(watchFor(80, () => 96)).toBeUndefined()
  const fault = watchFor(120, () => 96)
  expect(fault).toMatchObject({
    code: 'memory_high',
    message: '96.0 % of memory is in use, and has been all the time',
  })
  expect(await fault?.isLocal()).toBe(true)
})

it('the watch over memory finds a fault when memory fills up for minutes, and tells the rate', () => {
  expect(watchFor(480, (second) => 80 + second / 30)?.message).toBe(
    '96.0 % of memory is in use, and 2.0 % more every minute',
  )
})

it('the watch over memory counts a reading once, however often it is looked at', () => {
  expect(watchFor(600, (second) => (second < 60 ? 96 : undefined))).toBeUndefined()
})

it('the watch over memory keeps what it found during a pause of the readings, and clears it by the next good one', () => {
  const percentAt = (second: number) => (second > 130 && second < 190 ? undefined : second <= 130 ? 96 : 50)
  expect(watchFor(185, percentAt)?.code).toBe('memory_high')
  expect(watchFor(190, percentAt)).toBeUndefined()
})
