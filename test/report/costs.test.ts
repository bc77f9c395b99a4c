import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { deployProfiles } from '../../scripts/deploy-profiles.ts'
import { readFlyToml } from '../../src/lint/fly-toml.ts'
import { costs } from '../../src/report/costs.ts'
import { deployShapes, machineSize } from '../../src/report/deploy-shapes.ts'
import type { CostRow } from '../../src/report/report.ts'

const quiet = { regions: ['iad'], wakes: 0, intervalMs: undefined, runningSeconds: undefined }

/** Floating point leaves a last digit. */
const inCents = (rows: readonly CostRow[]): CostRow[] =>
  rows.map(({ profile, ...usd }) => {
    const rounded = Object.entries(usd).map(([name, value]) => [name, value === null ? null : Number(value.toFixed(6))])
    return { profile, ...Object.fromEntries(rounded) }
  })

describe('the shapes that costs are told for', () => {
  it('are the profiles of fly.toml, with its machine', () => {
    const flyToml = readFileSync(join(import.meta.dirname, '../../fly.toml'), 'utf8')
    const shapes = deployProfiles(flyToml).map(({ name, text }) => {
      const { http_service: service, vm: [vm] = [] } = readFlyToml('fly.toml', text).value?.values ?? {}
      expect(vm).toMatchObject({ size: `shared-cpu-${machineSize.sharedCpus}x`, memory: machineSize.memoryGb * 1_024 })
      return { name, minRunning: service?.min_machines_running, autoStop: service?.auto_stop_machines }
    })
    expect(shapes).toEqual(deployShapes)
  })
})

describe('the cost of a run', () => {
  it('is that of the machines alone where no interval is known', () => {
    // 0.695 + 5 / 4 = 1.945 a month for one that runs, 0.3 × 0.15 = 0.045 for one that is stopped.
    expect(inCents(costs(quiet).rows)).toEqual([
      { profile: 'one-running', idleUsd: 1.99, probedUsd: null, busyUsd: 3.89 },
      { profile: 'scale-to-zero', idleUsd: 0.09, probedUsd: null, busyUsd: 3.89 },
      { profile: 'two-running', idleUsd: 3.89, probedUsd: null, busyUsd: 3.89 },
    ])
  })

  it('adds a machine that the probes keep awake, where else none would run', () => {
    const probed = (intervalMs: number) =>
      inCents(costs({ ...quiet, intervalMs }).rows).map(({ probedUsd }) => probedUsd)
    expect(probed(15_000)).toEqual([1.99, 1.99, 3.89])
    // Awake for 5 of each 10 minutes.
    expect(probed(600_000)[1]).toBe(1.04)
  })

  it('multiplies by the factor of the first region with a price', () => {
    const report = costs({ ...quiet, regions: ['moon', 'sjc'] })
    expect([report.region, report.rows[2]?.busyUsd]).toEqual(['sjc', 2 * 1.945 * 1.192307692])
  })

  it('says which region it assumed, what the wake-ups cost, and how long machines ran', () => {
    const { notes } = costs({ ...quiet, regions: [], wakes: 12, runningSeconds: 3_723 })
    expect(notes).toEqual([
      'No machine told a region with a known price: iad is assumed.',
      '2 machines of 1 shared CPU, 256 MB in iad; databases, volumes and traffic are not in it.',
      // 12 × 300 s of a month of 2,592,000 s, at 1.945.
      'This run woke a machine 12 times; up for 5 min each, that is $0.0027.',
      'By their own count machines ran for 1 h 2 min in this run.',
    ])
  })
})
