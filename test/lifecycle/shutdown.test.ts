import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { runShutdown, type ShutdownStep } from '../../src/lifecycle/shutdown.ts'

const never = () => new Promise<void>(() => undefined)
const step = (name: string, timeoutMs: number, run: ShutdownStep['run']): ShutdownStep => ({ name, timeoutMs, run })

describe('the shutdown', () => {
  beforeEach(() => vi.useFakeTimers())
  afterEach(() => vi.useRealTimers())

  it('closes in the order given, each after the one before', async () => {
    const order: string[] = []
    const slow = step('slow', 1_000, async () => {
      await new Promise((resolve) => setTimeout(resolve, 300))
      order.push('slow')
    })
    const done = runShutdown([slow, step('quick', 1_000, () => void order.push('quick'))], new AbortController().signal)
    await vi.runAllTimersAsync()
    expect((await done).map(({ step, outcome }) => [step, outcome])).toEqual([
      ['slow', 'done'],
      ['quick', 'done'],
    ])
    expect(order).toEqual(['slow', 'quick'])
  })

  it('goes on after a step that fails and one that overruns, and tells both', async () => {
    const failure = new Error('pool is broken')
    const steps = [
      step('throws', 1_000, () => {
        throw failure
      }),
      step('hangs', 2_000, never),
      step('last', 1_000, () => undefined),
    ]
    const done = runShutdown(steps, new AbortController().signal)
    await vi.advanceTimersByTimeAsync(1_999)
    let ended = false
    void done.then(() => {
      ended = true
    })
    await vi.advanceTimersByTimeAsync(0)
    expect(ended).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    const results = await done
    expect(results.map(({ step, outcome }) => [step, outcome])).toEqual([
      ['throws', 'failed'],
      ['hangs', 'timed out'],
      ['last', 'done'],
    ])
    expect(results[0]?.error).toBe(failure)
  })

  it('gives no step more than a second once it is hurried', async () => {
    const hurry = new AbortController()
    const done = runShutdown([step('a', 30_000, never), step('b', 30_000, never)], hurry.signal)
    await vi.advanceTimersByTimeAsync(5_000)
    hurry.abort()
    await vi.advanceTimersByTimeAsync(2_000)
    expect((await done).map(({ outcome }) => outcome)).toEqual(['timed out', 'timed out'])
  })
})
