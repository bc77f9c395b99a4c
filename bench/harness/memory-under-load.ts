/** What the processes of a whole machine hold while it works, with the memory that the smallest machine of Fly's has. */
import { Agent } from 'node:http'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Machine, type MachineCommand, prepareMachine } from './machine.ts'
import { spentOfMachine } from './medio-machine.ts'
import { residentMemory } from './resident-memory.ts'
import type { Sample } from './rounds.ts'
import { perRequest, saturate } from './saturation.ts'
import type { Stage } from './stage.ts'
import { median } from './statistics.ts'
import { untilAnswer } from './until-answer.ts'

const memoryMiB = 256
const lookEveryMs = 1_000
const mix = join(import.meta.dirname, 'wrk-mix.lua')

export const memoryMethod =
  `All processes of a machine in a group with ${memoryMiB} MiB and no swap, on one core; wrk through nginx, 64 connections: ` +
  'a health answer, a page, a list from the database and a write in turn. Each page of memory counts once, looked at ' +
  'every second; steady: the median of the second half.'

export const memoryColumns = [
  { key: 'idle', title: 'before, MiB', digits: 1 },
  { key: 'steady', title: 'steady', digits: 1 },
  { key: 'peak', title: 'peak', digits: 1 },
  { key: 'node', title: 'of it Node', digits: 1 },
  { key: 'nginx', title: 'nginx', digits: 1 },
  { key: 'rest', title: 'shells', digits: 1 },
  { key: 'rssPeaks', title: 'highest RSS of each, added up', digits: 1 },
  { key: 'charged', title: 'charged to the group, no page cache', digits: 1 },
  { key: 'cpuUs', title: 'CPU µs/request', digits: 1 },
] as const

export async function measureMemoryUnderLoad(stage: Stage, command: MachineCommand, seconds: number): Promise<Sample> {
  await using machine = await prepareMachine(stage, command, { memoryMiB })
  const agent = new Agent({ keepAlive: true })
  machine.start()
  await untilAnswer({ port: machine.port, path: '/api/health', agent }, 20, (code) => code === 200)
  agent.destroy()
  // What loads after the start belongs to what a machine holds before any load.
  await pause(stage.quick ? 500 : 3_000)

  const { cgroup } = machine
  const look = () => residentMemory(cgroup.pids())
  const idle = look()
  const before = spentOfMachine(machine)
  const [{ requests, refused, failed }, looks] = await watch(
    saturate(machine.origin, seconds, { script: mix }),
    () => ({ ...look(), chargedMiB: chargedMiB(machine), swapMiB: cgroup.memoryStat('swap') / 1_048_576 }),
  )
  const highest = looks.toSorted((a, b) => b.totalMiB - a.totalMiB)[0] ?? { ...idle, chargedMiB: 0, swapMiB: 0 }
  const most = (value: (look: typeof highest) => number) => Math.max(...looks.map(value))
  return {
    ...perRequest(before, spentOfMachine(machine), requests),
    idle: idle.totalMiB,
    steady: median(looks.slice(looks.length >> 1).map(({ totalMiB }) => totalMiB)),
    peak: highest.totalMiB,
    node: highest.nodeMiB,
    nginx: highest.nginxMiB,
    rest: highest.restMiB,
    rssPeaks: most(({ rssPeaksMiB }) => rssPeaksMiB),
    charged: most(({ chargedMiB }) => chargedMiB),
    swap: most(({ swapMiB }) => swapMiB),
    killed: cgroup.memoryFile('memory.oom_control', 'oom_kill'),
    failed: refused + failed,
  }
}

/** Without what the kernel gives up before anything else; pages that were charged to another group are missing. */
function chargedMiB({ cgroup }: Machine): number {
  return (cgroup.memoryStat('rss') + cgroup.memoryStat('mapped_file')) / 1_048_576
}

/** Looks again and again until the work is done. */
async function watch<Result, Look>(work: Promise<Result>, look: () => Look): Promise<readonly [Result, Look[]]> {
  const looks: Look[] = []
  const timer = setInterval(() => looks.push(look()), lookEveryMs)
  try {
    return [await work, looks]
  } finally {
    clearInterval(timer)
  }
}
