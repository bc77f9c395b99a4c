import { describe, expect, it } from 'vitest'
import { createLifecycle, type LifecycleState } from '../../src/lifecycle/lifecycle.ts'

describe('the lifecycle', () => {
  it('goes from starting over ready and draining to stopped, and tells each step', () => {
    const steps: [LifecycleState, LifecycleState][] = []
    const lifecycle = createLifecycle((from, to) => steps.push([from, to]))
    for (const state of ['ready', 'draining', 'stopped'] as const) lifecycle.advance(state)
    expect(steps).toEqual([
      ['starting', 'ready'],
      ['ready', 'draining'],
      ['draining', 'stopped'],
    ])
    expect(lifecycle.state()).toBe('stopped')
  })

  it('drains from starting, for a process that is stopped before it was ready', () => {
    const lifecycle = createLifecycle(() => undefined)
    lifecycle.advance('draining')
    expect(lifecycle.state()).toBe('draining')
  })

  it('refuses every way back', () => {
    const lifecycle = createLifecycle(() => undefined)
    lifecycle.advance('draining')
    expect(() => lifecycle.advance('ready')).toThrow("lifecycle: draining can't become ready")
    expect(lifecycle.state()).toBe('draining')
  })
})
