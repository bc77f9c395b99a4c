import { expect, test } from 'vitest'
import { createLogTime } from '../../src/telemetry/log-time.ts'

test('the time is that of the clock, to the millisecond, also when it jumps back', () => {
  const times = [0, 999, 1_000, 1_795_362_914_621, 1_795_362_914_007, 1_795_362_913_999, 951_782_400_000]
  let now = 0
  const logTime = createLogTime(() => now)
  for (const time of times) {
    now = time
    expect(logTime()).toBe(`,"time":"${new Date(time).toISOString()}"`)
  }
})
