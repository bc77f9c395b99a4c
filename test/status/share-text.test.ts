import { describe, expect, it } from 'vitest'
import { shareText } from '../../src/status/share-text.ts'

describe('a share in percent', () => {
  it.each([
    [1, '100\u00a0%'],
    [0.999999, '99.999\u00a0%'],
    [1_439 / 1_440, '99.93\u00a0%'],
    [0.29, '29\u00a0%'],
    [0.999, '99.9\u00a0%'],
    [0, '0\u00a0%'],
  ])('is cut and not rounded: %d', (share, text) => {
    expect(shareText(share)).toBe(text)
  })
})
