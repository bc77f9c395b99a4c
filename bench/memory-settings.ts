/** What limits of V8's heap and of malloc save, and cost: why the Dockerfile sets what it sets. */
import { medioCommand } from './harness/machine.ts'
import { measureMemoryUnderLoad, memoryColumns, memoryMethod } from './harness/memory-under-load.ts'
import { print, printTable } from './harness/report.ts'
import { interleave, type Sample } from './harness/rounds.ts'
import type { Stage } from './harness/stage.ts'

const none = 'none of them'
const unset = { NODE_OPTIONS: '', MALLOC_ARENA_MAX: '' }
const settings: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  [none]: unset,
  'as in the image': {},
  '--max-semi-space-size=1': { ...unset, NODE_OPTIONS: '--max-semi-space-size=1' },
  '--max-semi-space-size=2': { ...unset, NODE_OPTIONS: '--max-semi-space-size=2' },
  '--max-semi-space-size=4': { ...unset, NODE_OPTIONS: '--max-semi-space-size=4' },
  '--max-semi-space-size=8': { ...unset, NODE_OPTIONS: '--max-semi-space-size=8' },
  '--max-old-space-size=96': { ...unset, NODE_OPTIONS: '--max-old-space-size=96' },
  'MALLOC_ARENA_MAX=1': { ...unset, MALLOC_ARENA_MAX: '1' },
}

export async function compareMemorySettings(stage: Stage): Promise<void> {
  const rounds = stage.count ?? 1
  const seconds = stage.minutes === undefined ? (stage.quick ? 4 : 20) : stage.minutes * 60
  const contestants: Record<string, () => Promise<Sample>> = {}
  for (const [name, env] of Object.entries(settings)) {
    const command = await medioCommand(stage, { SENTRY_LOAD: 'after-ready', ...env })
    contestants[name] = () => measureMemoryUnderLoad(stage, command, seconds)
  }
  const results = await interleave(contestants, rounds)
  print(`${memoryMethod} Every check configured, Sentry loaded, ${seconds} s each, ${rounds} rounds.\n`)
  printTable(results, memoryColumns, none)
}
