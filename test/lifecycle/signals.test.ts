import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { installSignals } from '../../src/lifecycle/signals.ts'

const names = ['SIGINT', 'SIGTERM', 'uncaughtException'] as const
type Listener = (...values: unknown[]) => void

/** Called by hand, since a real signal would reach the test runner's listeners too. */
const listenersOf = (name: string) => process.listeners(name as 'SIGINT') as unknown as Listener[]

describe('the signals', () => {
  let told: unknown[][] = []
  let added: [string, Listener][] = []

  beforeEach(() => {
    told = []
    const before = new Map(names.map((name) => [name as string, listenersOf(name)]))
    installSignals({
      stop: (signal) => told.push(['stop', signal]),
      hurry: (signal) => told.push(['hurry', signal]),
      crash: (error) => told.push(['crash', error]),
    })
    added = names.flatMap((name) =>
      listenersOf(name)
        .filter((listener) => !before.get(name)?.includes(listener))
        .map((listener): [string, Listener] => [name, listener]),
    )
  })
  afterEach(() => {
    for (const [name, listener] of added) process.off(name, listener)
  })

  const deliver = (name: string, value: unknown) => {
    for (const [each, listener] of added) if (each === name) listener(value)
  }

  it.each(['SIGINT', 'SIGTERM'])('stop at the first %s and hurry at every further one of either kind', (first) => {
    deliver(first, first)
    deliver('SIGTERM', 'SIGTERM')
    deliver('SIGINT', 'SIGINT')
    expect(told).toEqual([
      ['stop', first],
      ['hurry', 'SIGTERM'],
      ['hurry', 'SIGINT'],
    ])
  })

  it('leave an error that nobody caught to the crash', () => {
    const error = new Error('boom')
    deliver('uncaughtException', error)
    expect(told).toEqual([['crash', error]])
  })
})
