/** How many requests one machine may have in flight: what the limits in fly.toml are read from. */
import { setTimeout as pause } from 'node:timers/promises'
import type { CpuQuota } from './harness/cgroup.ts'
import type { Machine } from './harness/machine.ts'
import { startMedioMachine } from './harness/medio-machine.ts'
import { medianOf, print, printTable, worstOf } from './harness/report.ts'
import type { Results, Sample } from './harness/rounds.ts'
import { saturate } from './harness/saturation.ts'
import { describeQuota, sharedCpu } from './harness/shared-cpu.ts'
import type { Stage } from './harness/stage.ts'

const levels = [1, 5, 10, 25, 50, 100, 200, 400]
const routes = { health: '/api/health', list: '/api/deployments' } as const
const promptMs = 250
/** From here on a health answer counts as a failure (criterion SC-004). */
const lateMs = 1_000
const warmUpSeconds = 3
const settleMs = 1_000
const inFlight = (level: number) => `${level} in flight`

interface Setting {
  readonly title: string
  readonly quota: CpuQuota | undefined
  readonly samples: Record<string, Sample[]>
}

export async function compareCapacity(stage: Stage): Promise<void> {
  const rounds = stage.count ?? (stage.quick ? 1 : 2)
  const seconds = stage.quick ? 1 : 3
  const settings: readonly Setting[] = [
    { title: 'one core, as a shared CPU while it has burst', quota: undefined, samples: {} },
    { title: `${describeQuota(sharedCpu)}, as a shared CPU without burst`, quota: sharedCpu, samples: {} },
  ]

  for (let round = 0; round < rounds; round += 1) {
    await using machine = await startMedioMachine(stage, { STATUS_PUBLIC: 'true' })
    for (const path of Object.values(routes)) await saturate(`${machine.origin}${path}`, warmUpSeconds)
    for (const { quota, samples } of settings) {
      machine.cgroup.throttle(quota)
      for (const level of levels) {
        // Until what the level before had left in the queues is answered.
        await pause(settleMs)
        samples[inFlight(level)] = [...(samples[inFlight(level)] ?? []), await measureLevel(machine, level, seconds)]
      }
    }
  }

  for (const { title, samples } of settings) {
    print(`\n### ${title}\n`)
    print(
      `Through nginx, wrk, as many connections as requests in flight, ${rounds} rounds × ${seconds} s, warm process; ` +
        `list: \`GET ${routes.list}\`, one statement.\n`,
    )
    printTable(
      samples,
      [
        { key: 'healthPerSecond', title: 'health/s', digits: 0 },
        { key: 'healthP99Ms', title: 'health p99 ms', digits: 0 },
        { key: 'listPerSecond', title: 'list/s', digits: 0 },
        { key: 'listP99Ms', title: 'list p99 ms', digits: 0 },
        { key: 'failed', title: 'failed', digits: 0 },
      ],
      inFlight(1),
    )
    print()
    print(`- most in flight with a p99 below ${promptMs} ms on both: ${mostInFlight(samples, promptMs)}`)
    print(`- most in flight with a p99 below ${lateMs} ms on both, and none failed: ${mostInFlight(samples, lateMs)}`)
  }
}

async function measureLevel({ origin }: Machine, level: number, seconds: number): Promise<Sample> {
  const health = await saturate(`${origin}${routes.health}`, seconds, { connections: level })
  const list = await saturate(`${origin}${routes.list}`, seconds, { connections: level })
  return {
    healthPerSecond: health.requests / health.seconds,
    healthP99Ms: health.p99Us / 1_000,
    listPerSecond: list.requests / list.seconds,
    listP99Ms: list.p99Us / 1_000,
    failed: health.refused + health.failed + list.refused + list.failed,
  }
}

/** The last level before the first that is too slow or fails. */
function mostInFlight(samples: Results, belowMs: number): number {
  const tooMuch = levels.findIndex((level) => {
    const p99Ms = Math.max(
      medianOf(samples, inFlight(level), 'healthP99Ms'),
      medianOf(samples, inFlight(level), 'listP99Ms'),
    )
    return p99Ms >= belowMs || worstOf(samples, inFlight(level), 'failed') > 0
  })
  return (tooMuch < 0 ? levels.at(-1) : levels[tooMuch - 1]) ?? 0
}
