/** One scrape at the cap of series: its CPU is the time for which the event loop is blocked. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runNode } from './harness/node-process.ts'
import { serverCore } from './harness/pinning.ts'
import { print, printMark, printTable, ratio } from './harness/report.ts'
import { interleave, type Sample } from './harness/rounds.ts'
import type { Stage } from './harness/stage.ts'

const ours = 'Medio /metrics at its cap'
const peer = 'prom-client 15.1.3, the same series'

export async function compareMetrics(stage: Stage): Promise<void> {
  if (!existsSync(fileURLToPath(new URL('peers/node_modules', import.meta.url)))) {
    throw new Error('the peer is not installed; run: npm ci --prefix bench/peers')
  }
  const rounds = stage.quick ? 2 : 9
  const renderings = stage.quick ? 50 : 500
  const file = join(stage.directory, 'exposition.txt')
  const render = (script: string) =>
    runNode<Sample>({
      core: serverCore,
      args: [fileURLToPath(new URL(script, import.meta.url)), String(renderings), file],
    })
  // Ours first: it writes what the peer rebuilds.
  await render('contestants/exposition.ts')
  const results = await interleave(
    { [peer]: () => render('peers/exposition.ts'), [ours]: () => render('contestants/exposition.ts') },
    rounds,
  )

  print(`Mean of ${renderings} renderings, ${rounds} rounds, fresh process a round, Node.js defaults included.\n`)
  printTable(
    results,
    [
      { key: 'cpuMs', title: 'CPU ms/scrape', digits: 3 },
      { key: 'lines', title: 'series', digits: 0 },
      { key: 'kilobytes', title: 'kB', digits: 1 },
    ],
    peer,
  )
  print()
  printMark({ what: `CPU, ${peer} = 1`, value: ratio(results, 'cpuMs', ours, peer), atMost: 0.65 })
}
