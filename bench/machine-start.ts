/** A whole machine, from exec of its first process to the first 200 through nginx. */
import { asBundle, expressPgCommand, fromSources } from './harness/express-pg.ts'
import { medioCommand } from './harness/machine.ts'
import { measureMachineStart } from './harness/machine-start.ts'
import { answerOfMedio, withoutRemoteServices } from './harness/medio.ts'
import { print, printMark, printTable, ratio } from './harness/report.ts'
import { interleave } from './harness/rounds.ts'
import type { Stage } from './harness/stage.ts'

const ours = 'Medio, the supervisor of the image'
const oursWithServices = 'Medio, Redis, S3 and APIs too'

export async function compareMachineStart(stage: Stage): Promise<void> {
  const rounds = stage.count ?? (stage.quick ? 2 : 15)
  const body = await answerOfMedio(stage, '/api/health')
  const medio = await medioCommand(stage, withoutRemoteServices)
  const medioWithServices = await medioCommand(stage)
  const sources = await expressPgCommand(stage, fromSources, body)
  const bundle = await expressPgCommand(stage, asBundle, body)

  const results = await interleave(
    {
      [fromSources]: () => measureMachineStart(stage, sources),
      [asBundle]: () => measureMachineStart(stage, bundle),
      [ours]: () => measureMachineStart(stage, medio),
      [oursWithServices]: () => measureMachineStart(stage, medioWithServices),
    },
    rounds,
  )

  print(
    `From exec to the first 200 on /api/health through nginx, one core, warm page cache, Postgres up, ${rounds} rounds. ` +
      'CPU of all processes that the start took, by their control group, which stands still while it is read.\n',
  )
  printTable(
    results,
    [
      { key: 'wallMs', title: 'first 200 ms', digits: 1 },
      { key: 'cpuMs', title: 'CPU ms', digits: 1 },
      { key: 'nodeMs', title: 'Node', digits: 1 },
      { key: 'nginxMs', title: 'nginx', digits: 1 },
      { key: 'restMs', title: 'shell, cat, what ended', digits: 1 },
      { key: 'settledCpuMs', title: 'CPU ms a second later', digits: 1 },
    ],
    fromSources,
  )
  print()
  printMark({ what: `CPU, ${fromSources} = 1`, value: ratio(results, 'cpuMs', ours, fromSources), atMost: 1.3 })
  print(`- the same, ${asBundle} = 1: ${ratio(results, 'cpuMs', ours, asBundle).toFixed(2)} × (no mark)`)
}
