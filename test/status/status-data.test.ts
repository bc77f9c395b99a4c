import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createStatusData } from '../../src/status/status-data.ts'
import type { StatusSource } from '../../src/status/status-source.ts'
import { scenario } from './scenarios.ts'

const startMs = Date.parse('2026-11-22T10:02:03.000Z')

function dataOver(changes: Partial<StatusSource> = {}) {
  const calls: string[] = []
  const failures: unknown[] = []
  let nowMs = 0
  const real: StatusSource = { ...scenario('healthy', startMs).source, ...changes }
  const names = Object.keys(real) as (keyof StatusSource)[]
  const counted = names.map((name) => {
    const call = (...given: never[]) => {
      calls.push(name)
      return (real[name] as (...given: never[]) => unknown)(...given)
    }
    return [name, call]
  })
  const data = createStatusData({
    source: Object.fromEntries(counted) as StatusSource,
    wallMs: () => startMs + nowMs,
    monotonicMs: () => nowMs,
    onReadFailed: (error) => failures.push(error),
  })
  return { data, calls, failures, names, real, advance: (ms: number) => (nowMs += ms) }
}

const refused = () => Promise.reject(new Error('connect ECONNREFUSED'))
const hangs = () => new Promise<never>(() => undefined)

describe('the history behind the status page', () => {
  it('is read once for all who ask within five seconds, and anew after them', async () => {
    const { data, calls, advance } = dataOver()
    await Promise.all(Array.from({ length: 30 }, () => data.read()))
    advance(4_999)
    const known = await data.read()
    expect(calls).toHaveLength(6)
    expect(known.machines?.at).toEqual(new Date(startMs))
    expect(known.unreadableSince).toBeUndefined()
    advance(1)
    expect((await data.read()).machines?.at).toEqual(new Date(startMs + 5_000))
    expect(calls).toHaveLength(12)
  })

  it('asks for 90 whole days in UTC and for 24 hours of whole buckets', async () => {
    const windows: unknown[] = []
    const { data } = dataOver({
      dailyAvailability: async (window) => {
        windows.push(window)
        return []
      },
      latencyBuckets: async (window) => {
        windows.push(window)
        return []
      },
    })
    await data.read()
    const to = new Date(startMs)
    expect(windows).toEqual([
      { from: new Date('2026-08-25T00:00:00.000Z'), to },
      { from: new Date('2026-11-21T10:05:00.000Z'), to },
    ])
  })

  it('stays as last read while the database refuses, says since when, and tells the error once', async () => {
    const { data, real, names, failures, advance } = dataOver()
    const before = await data.read()
    const working = { ...real }
    for (const name of names) Object.assign(real, { [name]: refused })
    advance(5_000)
    const during = await data.read()
    advance(5_000)
    expect((await data.read()).unreadableSince).toEqual(new Date(startMs + 5_000))
    expect(during).toEqual({ ...before, unreadableSince: new Date(startMs + 5_000) })
    expect(failures).toHaveLength(6)
    Object.assign(real, working)
    advance(5_000)
    const after = await data.read()
    expect([after.unreadableSince, after.days?.at]).toEqual([undefined, new Date(startMs + 15_000)])
  })

  it('lacks only what a single statement can not read', async () => {
    const { data, failures } = dataOver({ machines: refused })
    const known = await data.read()
    expect([known.machines, known.unreadableSince]).toEqual([undefined, new Date(startMs)])
    expect(known.deployments?.value).toHaveLength(3)
    expect(failures).toEqual([new Error('connect ECONNREFUSED')])
  })

  it('is given without a wait for a database that hangs, from the second who asks on', async () => {
    const { data, calls, advance } = dataOver({ incidents: hangs })
    const first = data.read()
    const winner = await Promise.race([first, delay(5_000, undefined, { ref: false })])
    expect(winner).toEqual({ unreadableSince: new Date(startMs) })
    advance(1_000)
    expect((await data.read()).unreadableSince).toEqual(new Date(startMs))
    advance(60_000)
    expect((await data.read()).unreadableSince).toEqual(new Date(startMs))
    // Neither a second round beside the one that hangs, nor another statement behind it.
    expect(calls).toEqual(['incidents'])
  })

  it('asks nothing more in a round whose first statement took its whole time-out', async () => {
    const answer = Promise.withResolvers<never>()
    const { data, calls, advance } = dataOver({ incidents: () => answer.promise })
    const first = data.read()
    advance(10_000)
    answer.reject(new Error('statement timeout'))
    await first
    expect(calls).toEqual(['incidents'])
    expect((await data.read()).unreadableSince).toEqual(new Date(startMs))
  })
})
