import { expect, it } from 'vitest'
import { formatDuration } from '../../../src/health/format/duration.ts'

it.each([
  [-5_000, '0s'],
  [0, '0s'],
  [999, '0s'],
  [59_999, '59s'],
  [60_000, '1m00s'],
  [252_000, '4m12s'],
  [3_600_000, '1h00m'],
  [7_500_000, '2h05m'],
  [86_400_000, '1d00h'],
  [6 * 86_400_000 + 4 * 3_600_000, '6d04h'],
])('%d ms read %s', (durationMs, text) => {
  expect(formatDuration(durationMs)).toBe(text)
})
