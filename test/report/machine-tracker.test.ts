import { describe, expect, it } from 'vitest'
import type { Observation } from '../../src/observation/observation.ts'
import { startKind } from '../../src/observation/start-kind.ts'
import { createMachineTracker } from '../../src/report/machine-tracker.ts'

const start = Date.UTC(2026, 10, 22, 10)

/** Times in seconds; a machine that runs `1.0.0` unless told otherwise. */
function probe(second: number, uptimeMs: number, rest: Partial<Observation> = {}): Observation {
  return {
    ...{ id: `id-${second}`, at: new Date(start + second * 1_000).toISOString(), target: 'api', source: 'p' },
    ...{ durationMs: 50, statusCode: 200, healthStatus: 'healthy', machine: 'm1', version: '1.0.0', uptimeMs },
    ...rest,
  }
}

function kindsOf(observations: readonly Observation[]): string[][] {
  const tracker = createMachineTracker()
  return observations.map((observation) =>
    tracker
      .add(observation, startKind(observation))
      .map(({ kind, cause }) => (cause === undefined ? kind : `${kind} ${cause}`)),
  )
}

describe('what the probes show of machines', () => {
  it('is a restart where the uptime went down', () => {
    expect(kindsOf([probe(0, 60_000), probe(15, 75_000), probe(30, 2_000)])).toEqual([[], [], ['restart unknown']])
  })

  it('is a restart for a wake where the request waited for it', () => {
    expect(kindsOf([probe(0, 60_000), probe(900, 800, { durationMs: 2_000 })])).toEqual([[], ['cold', 'restart wake']])
  })

  it('is a restart for a deploy where the version changed with it', () => {
    expect(kindsOf([probe(0, 60_000), probe(15, 2_000, { version: '1.1.0' })])).toEqual([
      [],
      ['deploy', 'restart deploy'],
    ])
  })

  it('is none where two probes overlapped and the later one was answered first', () => {
    // Asked at 0 s and answered after 20 s; the other asked at 5 s and answered at once.
    expect(kindsOf([probe(0, 80_000, { durationMs: 20_000 }), probe(5, 65_050)])).toEqual([[], []])
  })

  it('is none where the prober’s clock jumped by an hour, either way', () => {
    expect(kindsOf([probe(0, 60_000), probe(3_600, 75_000), probe(30, 90_000)])).toEqual([[], [], []])
  })

  it('is one deploy, and then one per machine, in a rolling one', () => {
    const other = { machine: 'm2' }
    const young = { version: '1.1.0' }
    expect(
      kindsOf([
        probe(0, 60_000),
        probe(15, 75_000, other),
        probe(30, 3_000, young),
        probe(45, 105_000, other),
        probe(60, 4_000, { ...other, ...young }),
      ]),
    ).toEqual([
      [],
      ['machine_changed'],
      ['deploy', 'restart deploy', 'machine_changed'],
      ['machine_changed'],
      ['deploy', 'restart deploy'],
    ])
  })

  it('is a deploy where a machine that nobody knew has a version that nobody knew', () => {
    expect(kindsOf([probe(0, 60_000), probe(15, 9_000, { machine: 'm2', version: '1.1.0' })])).toEqual([
      [],
      ['deploy', 'machine_changed'],
    ])
  })

  it('is the proxy’s word, also by a code that is not known here', () => {
    const tracker = createMachineTracker()
    const told = ['fly_PR03', 'fly_XX99', 'timeout'].map((errorCode, index) => {
      const { machine: _machine, version: _version, uptimeMs: _uptime, ...answer } = probe(index, 0, { errorCode })
      return tracker.add(answer, 'unclassified').map(({ evidence }) => evidence)
    })
    expect(told).toEqual([
      ["Fly's proxy answered PR03: it found no machine to take the request, after its retries"],
      ["Fly's proxy answered XX99"],
      [],
    ])
  })
})
