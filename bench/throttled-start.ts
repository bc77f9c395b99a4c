/** The start of a machine whose core is throttled: what a woken machine without burst lets a person wait for. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type MeasuredStart, measuredStartFile } from '../src/lint/measured-start.ts'
import { asBundle, expressPgCommand, fromSources } from './harness/express-pg.ts'
import { type MachineCommand, medioCommand } from './harness/machine.ts'
import { measureMachineStart } from './harness/machine-start.ts'
import { answerOfMedio, withoutRemoteServices } from './harness/medio.ts'
import { print, printTable, worstOf } from './harness/report.ts'
import { interleave } from './harness/rounds.ts'
import { describeQuota, sharedCpu } from './harness/shared-cpu.ts'
import type { Stage } from './harness/stage.ts'
import { percentile } from './harness/statistics.ts'

const ours = 'Medio, the supervisor of the image'
const leastCount = 100
const tenth = { share: 0.1, periodMs: 100 }
const columns = [
  { key: 'wallMs', title: 'first 200 ms', digits: 0 },
  { key: 'cpuMs', title: 'CPU ms', digits: 0 },
] as const

export async function compareThrottledStart(stage: Stage): Promise<void> {
  const rounds = stage.count ?? (stage.quick ? 2 : 10)
  const body = await answerOfMedio(stage, '/api/health')
  const medio = await medioCommand(stage, withoutRemoteServices)
  if (stage.record) return record(stage, medio, stage.count ?? leastCount)
  const sources = await expressPgCommand(stage, fromSources, body)
  const bundle = await expressPgCommand(stage, asBundle, body)

  for (const cpu of [tenth, sharedCpu]) {
    const results = await interleave(
      {
        [fromSources]: () => measureMachineStart(stage, sources, { cpu }),
        [asBundle]: () => measureMachineStart(stage, bundle, { cpu }),
        [ours]: () => measureMachineStart(stage, medio, { cpu }),
      },
      rounds,
    )
    print(`\n### ${describeQuota(cpu)}\n`)
    print(`From exec to the first 200 on /api/health through nginx, ${rounds} rounds.\n`)
    printTable(results, columns, fromSources)
    print()
    print(`- slowest of ours: ${worstOf(results, ours, 'wallMs').toFixed(0)} ms`)
  }
}

/** For `medio lint`, which holds the grace period of fly.toml against it: ours alone, as often as a 99th percentile needs. */
async function record(stage: Stage, medio: MachineCommand, count: number): Promise<void> {
  if (count < leastCount) throw new Error(`--record needs --count ${leastCount} or more, for a 99th percentile`)
  const results = await interleave({ [ours]: () => measureMachineStart(stage, medio, { cpu: sharedCpu }) }, count)
  const wallMs = (results[ours] ?? []).map((sample) => sample.wallMs ?? Number.NaN).toSorted((a, b) => a - b)
  const figures: MeasuredStart = {
    measuredOn: new Date().toISOString().slice(0, 10),
    count,
    method: `npm run bench -- throttled-start --record: exec of the supervisor to the first 200 on /api/health through nginx, ${describeQuota(sharedCpu)}, warm page cache`,
    throttledP99Ms: Math.ceil(percentile(wallMs, 0.99)),
  }
  const file = join(import.meta.dirname, '..', measuredStartFile)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, `${JSON.stringify(figures, undefined, 2)}\n`)
  printTable(results, columns, ours)
  print(`\n- ${measuredStartFile}: ${figures.throttledP99Ms} ms, the 99th percentile of ${count} starts`)
}
