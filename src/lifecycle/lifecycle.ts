/**
 * May this process receive traffic?
 *
 *   starting ──► ready ──► draining ──► stopped
 *       └────────────────────▲
 */
export type LifecycleState = 'starting' | 'ready' | 'draining' | 'stopped'

const allowed: Readonly<Record<LifecycleState, readonly LifecycleState[]>> = {
  starting: ['ready', 'draining'],
  ready: ['draining'],
  draining: ['stopped'],
  stopped: [],
}

export interface Lifecycle {
  state(): LifecycleState
  /** Throws on a transition that the drawing above does not have. */
  advance(to: LifecycleState): void
}

export function createLifecycle(onChange: (from: LifecycleState, to: LifecycleState) => void): Lifecycle {
  let current: LifecycleState = 'starting'
  return {
    state: () => current,
    advance(to) {
      if (!allowed[current].includes(to)) throw new Error(`lifecycle: ${current} can't become ${to}`)
      const from = current
      current = to
      onChange(from, to)
    },
  }
}
