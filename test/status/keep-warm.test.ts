import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { keepWarm } from '../../src/status/keep-warm.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

it('the history is read ten seconds after the start and every five minutes, but not while idle and not after the end', () => {
  let isIdle = false
  let reads = 0
  const warmth = keepWarm({
    warm: async () => {
      reads += 1
    },
    isIdle: () => isIdle,
    onError: () => undefined,
  })
  vi.advanceTimersByTime(9_999)
  expect(reads).toBe(0)
  vi.advanceTimersByTime(1)
  expect(reads).toBe(1)
  vi.advanceTimersByTime(10 * 60_000)
  expect(reads).toBe(3)
  isIdle = true
  vi.advanceTimersByTime(60 * 60_000)
  expect(reads).toBe(3)
  isIdle = false
  vi.advanceTimersByTime(5 * 60_000)
  expect(reads).toBe(4)
  warmth.stop()
  vi.advanceTimersByTime(60 * 60_000)
  expect(reads).toBe(4)
})

it('a history that can not be read is told and ends nothing', async () => {
  const errors: unknown[] = []
  const error = new Error('no such module')
  keepWarm({ warm: () => Promise.reject(error), isIdle: () => false, onError: (each) => errors.push(each) })
  await vi.advanceTimersByTimeAsync(10_000)
  expect(errors).toEqual([error])
})
