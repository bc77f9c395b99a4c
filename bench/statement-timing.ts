/** What it costs to time every statement: against a real server, and against a stub that leaves only our own work. */
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { medianOf, print, printMark, printTable, ratio } from './harness/report.ts'
import { interleave, type Results, type Sample } from './harness/rounds.ts'
import { type SlicedProcess, startSlicedProcess } from './harness/sliced-process.ts'
import type { Stage } from './harness/stage.ts'

const { version } = createRequire(import.meta.url)('pg/package.json') as { version: string }
const raw = `raw pg ${version}`
const rawAgain = 'the same again, to tell noise'
const rawBounded = 'raw, with the time-outs of Medio set on the server'
const ours = 'Medio, every statement timed and counted'

const variants = { [raw]: 'raw', [rawAgain]: 'raw', [ours]: 'timed' }

/** A slice takes some 100 ms. */
interface Work {
  readonly title: string
  readonly count: number
  /** Statements, or transactions, in one run. */
  readonly perRun: number
}

const withServer: Readonly<Record<string, Work>> = {
  sequential: { title: 'CPU µs, one after the other', count: 2_000, perRun: 1 },
  tenAtOnce: { title: 'CPU µs, ten at once', count: 500, perRun: 10 },
  transaction: { title: 'CPU µs, a transaction of three', count: 700, perRun: 1 },
}
const withStub: Readonly<Record<string, Work>> = {
  client: { title: 'CPU µs on one client', count: 20_000, perRun: 1 },
  pool: { title: 'CPU µs through a pool', count: 20_000, perRun: 1 },
}

export async function compareStatementTiming(stage: Stage): Promise<void> {
  const rounds = stage.quick ? 5 : 60

  print(`\`SELECT 1\` through a pool of 10, ${rounds} slices of each.\n`)
  const served = await compare('statements.ts', [stage.databaseUrl], withServer, rounds, {
    ...variants,
    [rawBounded]: 'bounded',
  })
  for (const [key, { title }] of Object.entries(withServer)) {
    printMark({ what: `${title}, ${raw} = 1`, value: ratio(served, key, ours, raw), atMost: 1.03, digits: 3 })
    print(`  (${ratio(served, key, ours, rawBounded).toFixed(3)} of the same with time-outs)`)
  }

  print(`\n\`SELECT 1\` with a stub in place of the server, ${rounds} slices of each.\n`)
  const stubbed = await compare('stubbed-statements.ts', [], withStub, rounds, variants)
  for (const [key, { title }] of Object.entries(withStub)) {
    const added = medianOf(stubbed, ours, key) - medianOf(stubbed, raw, key)
    printMark({ what: `${title}, added to ${raw}`, value: added, atMost: 0.4, unit: 'µs' })
  }
}

async function compare(
  script: string,
  args: readonly string[],
  works: Readonly<Record<string, Work>>,
  rounds: number,
  variantOf: Readonly<Record<string, string>>,
): Promise<Results> {
  const path = fileURLToPath(new URL(`contestants/${script}`, import.meta.url))
  await using processes = new AsyncDisposableStack()
  const contestants: Record<string, () => Promise<Sample>> = {}
  for (const [name, variant] of Object.entries(variantOf)) {
    const contestant = processes.use(await startSlicedProcess([path, variant, ...args]))
    contestants[name] = () => slices(contestant, works)
  }
  // Connections are opened and code is compiled before anything counts.
  await interleave(contestants, 5)
  const results = await interleave(contestants, rounds)
  const columns = Object.entries(works).map(([key, { title }]) => ({ key, title, digits: 2 }))
  printTable(results, columns, raw)
  print()
  return results
}

async function slices(contestant: SlicedProcess, works: Readonly<Record<string, Work>>): Promise<Sample> {
  const sample: Record<string, number> = {}
  for (const [key, { count, perRun }] of Object.entries(works)) {
    sample[key] = (await contestant.run(key, count)) / perRun
  }
  return sample
}
