import { describe, expect, it } from 'vitest'
import type { LiveOptions } from '../../src/monitor/options.ts'
import { readOptions } from '../../src/monitor/options.ts'
import { runProbes, turnsOf } from '../../src/monitor/probe-run.ts'
import type { ProbeOrder, Prober } from '../../src/monitor/prober.ts'
import type { Schedule, Turn } from '../../src/monitor/schedule.ts'
import type { Observation } from '../../src/observation/observation.ts'

function optionsOf(...words: string[]): LiveOptions {
  const read = readOptions(words)
  if (!('options' in read) || read.options.kind !== 'live') throw new Error(JSON.stringify(read))
  return read.options
}

/** All turns at once: whoever waits for a probe would be seen. */
function scheduleOf(turns: readonly Turn[], missed = 0): Schedule {
  return {
    async *turns(signal) {
      for (const turn of turns) if (!signal.aborted) yield turn
    },
    missed: () => missed,
  }
}
const onTime = (count: number): Turn[] => Array.from({ length: count }, (_, index) => ({ index, dueMs: 0, lateMs: 0 }))

/** Each probe ends when the test says so. */
function heldProber() {
  const held: { order: ProbeOrder; end: (observation?: Observation) => void }[] = []
  const prober: Prober = {
    warmUp: async () => undefined,
    probe(order, signal) {
      const { promise, resolve } = Promise.withResolvers<Observation | undefined>()
      signal.addEventListener('abort', () => resolve(undefined))
      held.push({ order, end: resolve })
      return promise
    },
    close: () => undefined,
  }
  return { held, prober }
}

const observationOf = (id: string): Observation => ({
  ...{ id, at: '2026-11-22T10:00:00.000Z', target: 'shop', source: 'monitor', durationMs: 1, statusCode: 200 },
})

function start(
  options: LiveOptions,
  turns: readonly Turn[],
  more: { machines?: string[]; missed?: number; slept?: () => boolean; record?: () => void } = {},
) {
  const { held, prober } = heldProber()
  const [recorded, ended]: [string[], string[]] = [[], []]
  const stop = new AbortController()
  const facts = runProbes({
    ...{ options, prober, schedule: scheduleOf(turns, more.missed), signal: stop.signal },
    sleepWatch: { begin: () => more.slept ?? (() => false), stop: () => undefined },
    machines: () => more.machines ?? [],
    onObservation: ({ id }) => (more.record ?? (() => recorded.push(id)))(),
    onProbed: ({ observation }) => ended.push(observation.id),
  })
  return { held, recorded, ended, stop, facts }
}

const url = 'http://shop.example'

describe('a run of probes', () => {
  it.each([
    [[url], 15_000, 20],
    [[url, 'http://other.example', '--interval', '10s', '--duration', '1m'], 5_000, 12],
    [[url, '--forever'], 15_000, Number.POSITIVE_INFINITY],
  ])('has as many turns as fit in, shared by its targets: %j', (words, stepMs, count) => {
    expect(turnsOf(optionsOf(...words))).toEqual({ stepMs, count })
  })

  it('records probes in the order of their begin, and shows them in that of their end', async () => {
    const { held, recorded, ended, facts } = start(optionsOf(url), onTime(3))
    await expect.poll(() => held.length).toBe(3)
    held[2]?.end(observationOf('c'))
    held[1]?.end(observationOf('b'))
    await expect.poll(() => ended).toEqual(['c', 'b'])
    expect(recorded).toEqual([])
    held[0]?.end(observationOf('a'))
    await facts
    expect(recorded).toEqual(['a', 'b', 'c'])
  })

  it('asks targets in turn, and within each the machines', async () => {
    const options = optionsOf(url, 'http://other.example')
    const { held, facts, stop } = start(options, onTime(6), { machines: ['m1', 'm2'] })
    await expect.poll(() => held.length).toBe(6)
    expect(held.map(({ order }) => `${order.target.name} ${order.machine}`)).toEqual([
      ...['shop.example m1', 'other.example m1', 'shop.example m2', 'other.example m2'],
      ...['shop.example m1', 'other.example m1'],
    ])
    stop.abort()
    await facts
  })

  it('counts what was late, never sent, or crowded out by probes that hang', async () => {
    const turns = onTime(203).map((turn) => (turn.index === 1 ? { ...turn, lateMs: 1_600.4 } : turn))
    const { held, facts, stop, recorded } = start(optionsOf(url), turns, { missed: 4 })
    await expect.poll(() => held.length).toBe(200)
    held[0]?.end(observationOf('a'))
    stop.abort()
    expect(await facts).toEqual({
      ...{ intervalMs: 15_000, timeoutMs: 10_000, planned: 20, sent: 200, late: 1, latestMs: 1_600, missed: 7 },
      ...{ reusedConnections: false, endedEarly: true, keepsAwake: true },
    })
    expect(recorded).toEqual(['a'])
  })

  it('throws away what a prober that slept measured, and counts it as missed', async () => {
    const { held, facts, recorded, ended } = start(optionsOf(url), onTime(2), { slept: () => true })
    await expect.poll(() => held.length).toBe(2)
    const [first, second] = held
    first?.end(observationOf('a'))
    second?.end(observationOf('b'))
    expect(await facts).toMatchObject({ sent: 0, missed: 2 })
    expect([recorded, ended]).toEqual([[], []])
  })

  it('ends at once when a record can not be kept, and says why', async () => {
    const record = () => {
      throw new Error('judging failed')
    }
    const { held, facts, stop } = start(optionsOf(url, '--forever'), onTime(2), { record })
    await expect.poll(() => held.length).toBe(2)
    held[0]?.end(observationOf('a'))
    await expect(facts).rejects.toThrow('judging failed')
    stop.abort()
  })

  it('tells its control target without the query', async () => {
    const options = optionsOf(
      url,
      '--control',
      'https://control.example/x?key=1',
      '--interval',
      '6m',
      '--duration',
      '1h',
    )
    const { facts } = start(options, [])
    expect(await facts).toMatchObject({ controlUrl: 'https://control.example/x', keepsAwake: false, endedEarly: false })
  })
})
