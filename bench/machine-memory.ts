/** Resident memory of a whole machine under load, with as much memory as the smallest machine of Fly's has. */
import { expressPgCommand, fromSources } from './harness/express-pg.ts'
import { medioCommand } from './harness/machine.ts'
import { answerOfMedio, withoutRemoteServices } from './harness/medio.ts'
import { measureMemoryUnderLoad, memoryColumns, memoryMethod } from './harness/memory-under-load.ts'
import { print, printMark, printTable, ratio, worstOf } from './harness/report.ts'
import type { Sample } from './harness/rounds.ts'
import type { Stage } from './harness/stage.ts'

const ours = 'Medio, database and Sentry'
const oursWithAll = 'Medio, every check configured, Sentry loaded'

export async function compareMachineMemory(stage: Stage): Promise<void> {
  const seconds = stage.minutes === undefined ? (stage.quick ? 4 : 60) : stage.minutes * 60
  const body = await answerOfMedio(stage, '/api/health')
  const contestants = {
    [oursWithAll]: await medioCommand(stage, { SENTRY_LOAD: 'after-ready' }),
    // A long run is about what grows, not about what others hold.
    ...(stage.minutes === undefined && {
      [ours]: await medioCommand(stage, withoutRemoteServices),
      [fromSources]: await expressPgCommand(stage, fromSources, body),
    }),
  }
  const results: Record<string, Sample[]> = {}
  for (const [name, command] of Object.entries(contestants)) {
    results[name] = [await measureMemoryUnderLoad(stage, command, seconds)]
  }

  print(`${memoryMethod} ${seconds} s each.\n`)
  printTable(results, memoryColumns, stage.minutes === undefined ? fromSources : oursWithAll)
  print()
  const worst = (key: string) => worstOf(results, oursWithAll, key)
  printMark({ what: `peak, ${oursWithAll}`, value: worst('peak'), atMost: 128, unit: 'MiB', digits: 1 })
  printMark({ what: 'swapped out', value: worst('swap'), atMost: 0, unit: 'MiB', digits: 1 })
  printMark({ what: 'processes ended for want of memory', value: worst('killed'), atMost: 0, unit: '', digits: 0 })
  printMark({ what: 'requests without a good answer', value: worst('failed'), atMost: 0, unit: '', digits: 0 })
  if (stage.minutes === undefined) {
    print(`- peak of ${ours}, ${fromSources} = 1: ${ratio(results, 'peak', ours, fromSources).toFixed(2)} × (no mark)`)
  }
}
