/**
 * Comparisons with named peers, each on its own:
 * `npm run bench -- [--quick] [--database URL] [--count N] [--minutes N] [--record] [NAME…]`.
 * Prints medians, ratios and whether the marks are met; it is no test and its exit code says only that it ran.
 */
import { release } from 'node:os'
import { parseArgs } from 'node:util'
import { pinSelfToLoadCore } from './harness/pinning.ts'
import { print } from './harness/report.ts'
import { createStage, type Stage } from './harness/stage.ts'

const comparisons: Readonly<Record<string, () => Promise<(stage: Stage) => Promise<void>>>> = {
  health: async () => (await import('./health.ts')).compareHealth,
  'health-database-hangs': async () => (await import('./health-database-hangs.ts')).compareHealthWhileDatabaseHangs,
  'open-load': async () => (await import('./open-load.ts')).compareOpenLoad,
  'statement-timing': async () => (await import('./statement-timing.ts')).compareStatementTiming,
  request: async () => (await import('./request.ts')).compareRequest,
  start: async () => (await import('./start.ts')).compareStart,
  metrics: async () => (await import('./metrics.ts')).compareMetrics,
  memory: async () => (await import('./memory.ts')).compareMemory,
  'machine-start': async () => (await import('./machine-start.ts')).compareMachineStart,
  'throttled-start': async () => (await import('./throttled-start.ts')).compareThrottledStart,
  'cold-starts': async () => (await import('./cold-starts.ts')).compareColdStarts,
  'nginx-in-front': async () => (await import('./nginx-in-front.ts')).compareNginxInFront,
  'machine-memory': async () => (await import('./machine-memory.ts')).compareMachineMemory,
  'memory-settings': async () => (await import('./memory-settings.ts')).compareMemorySettings,
  report: async () => (await import('./report.ts')).compareReport,
  ingest: async () => (await import('./ingest.ts')).compareIngest,
  aggregates: async () => (await import('./aggregates.ts')).compareAggregates,
  capacity: async () => (await import('./capacity.ts')).compareCapacity,
}

const { values, positionals } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    database: { type: 'string' },
    count: { type: 'string' },
    minutes: { type: 'string' },
    record: { type: 'boolean', default: false },
  },
  allowPositionals: true,
})
const unknown = positionals.filter((name) => comparisons[name] === undefined)
if (unknown.length > 0) {
  process.stderr.write(`no comparison named ${unknown.join(', ')}; there are ${Object.keys(comparisons).join(', ')}\n`)
  process.exit(2)
}
const count = positive('count', values.count)
const minutes = positive('minutes', values.minutes)
// What was started is ended in 'exit' handlers, which a signal alone would not run.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

pinSelfToLoadCore()
print(`Node ${process.versions.node}, kernel ${release()}${values.quick ? ', --quick: figures mean nothing' : ''}`)
{
  await using stage = await createStage({ quick: values.quick, count, minutes, record: values.record }, values.database)
  for (const name of positionals.length > 0 ? positionals : Object.keys(comparisons)) {
    const compare = await comparisons[name]?.()
    print(`\n## ${name}\n`)
    await compare?.(stage)
  }
}

function positive(name: string, value: string | undefined): number | undefined {
  if (value === undefined || /^[1-9]\d*$/.test(value)) return value === undefined ? undefined : Number(value)
  process.stderr.write(`--${name} takes a whole number from 1 on\n`)
  process.exit(2)
}
