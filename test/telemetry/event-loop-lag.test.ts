import { afterEach, expect, test } from 'vitest'
import { createEventLoopLag, type EventLoopLag } from '../../src/telemetry/event-loop-lag.ts'

const open: EventLoopLag[] = []

function lagWith(options: { windowMs?: number }): EventLoopLag {
  const lag = createEventLoopLag({ ...options, resolutionMs: 5 })
  open.push(lag)
  return lag
}

function blockFor(durationMs: number): void {
  const endMs = performance.now() + durationMs
  while (performance.now() < endMs);
}

afterEach(() => {
  for (const lag of open.splice(0)) lag.stop()
})

test('nothing is known before the first sample and before the first window ends', () => {
  const lag = lagWith({})
  expect(lag.running()).toBeUndefined()
  expect(lag.last()).toBeUndefined()
})

test('a block is in the running window at once, and an idle loop has next to no lag', async () => {
  const lag = lagWith({})
  await expect.poll(() => lag.running()?.p50Ms).toBeLessThan(5)
  expect(lag.last()).toBeUndefined()
  blockFor(120)
  await expect.poll(() => lag.running()?.maxMs).toBeGreaterThanOrEqual(110)
  expect(lag.running()?.p50Ms).toBeLessThan(60)
})

test('a window that ended stays the same for every reader until the next one ends', async () => {
  const lag = lagWith({ windowMs: 150 })
  await expect.poll(() => lag.running()).toBeDefined()
  blockFor(100)
  await expect.poll(() => lag.last()?.maxMs, { interval: 5 }).toBeGreaterThanOrEqual(90)
  const first = lag.last()
  expect(lag.last()).toBe(first)
  expect(lag.running()).not.toBe(first)
  await expect.poll(() => lag.last(), { interval: 5 }).not.toBe(first)
  expect(lag.last()?.maxMs).toBeLessThan(90)
})

test('a restart forgets what was measured', async () => {
  const lag = lagWith({ windowMs: 50 })
  await expect.poll(() => lag.last()).toBeDefined()
  lag.restart()
  expect(lag.last()).toBeUndefined()
  expect(lag.running()).toBeUndefined()
  await expect.poll(() => lag.last()).toBeDefined()
})
