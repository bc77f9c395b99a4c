/** The report of a run of the monitor, from ten thousand to a million observations: one pass in bounded memory. */
import { fileURLToPath } from 'node:url'
import { runNode } from './harness/node-process.ts'
import { serverCore } from './harness/pinning.ts'
import { print, printMark, printTable, ratio } from './harness/report.ts'
import { interleave, type Sample } from './harness/rounds.ts'
import type { Stage } from './harness/stage.ts'

const names = { 10000: '10,000 observations', 100000: '100,000 observations', 1000000: '1,000,000 observations' }

/** As the image has it; a heap that may grow puts off collecting, and then shows garbage. */
const heap = ['--max-old-space-size=96', '--max-semi-space-size=2']

export async function compareReport(stage: Stage): Promise<void> {
  const rounds = stage.quick ? 1 : 3
  const script = fileURLToPath(new URL('contestants/report.ts', import.meta.url))
  const contestants = Object.fromEntries(
    Object.entries(names).map(([count, name]) => [
      name,
      () => runNode<Sample>({ core: serverCore, args: [...heap, script, count] }),
    ]),
  )
  const results = await interleave(contestants, rounds)
  const [few, more, most] = [names[10_000], names[100_000], names[1_000_000]]
  print(`One pass and all four formats, ${rounds} rounds, fresh process a round; its start is in the peak.\n`)
  printTable(
    results,
    [
      { key: 'cpuMs', title: 'CPU ms', digits: 0 },
      { key: 'cpuUs', title: 'CPU µs/observation', digits: 2 },
      { key: 'writingMs', title: 'of it writing, ms', digits: 0 },
      { key: 'peakMib', title: 'peak RSS MiB', digits: 0 },
      { key: 'writtenKb', title: 'written, kB', digits: 0 },
    ],
    few,
  )
  print()
  printMark({ what: `CPU, ${more} = 1, for ten times as many`, value: ratio(results, 'cpuMs', most, more), atMost: 11 })
  printMark({
    what: `peak memory, ${few} = 1, for a hundred times as many`,
    value: ratio(results, 'peakMib', most, few),
    atMost: 1.25,
  })
}
