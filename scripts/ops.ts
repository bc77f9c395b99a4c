/**
 * The whole watch on one machine: the service with an embedded Postgres, Prometheus, Alertmanager, and Grafana and Loki
 * where they are installed. Ctrl-C ends what it has started, and nothing else.
 */
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type OpsOptions, parts, readOptions, usage } from './ops/options.ts'
import { type RunningProgram, startProgram } from './ops/running-program.ts'
import { type WatchPart, watchParts } from './ops/watch-parts.ts'

const options = optionsOrExit()
const running: RunningProgram[] = []
let ending: Promise<void> | undefined

process.on('SIGINT', () => void end(0))
process.on('SIGTERM', () => void end(0))
process.on('SIGHUP', () => void end(0))
start(options).catch((error: unknown) => {
  // A program that was asked to end while it started did not fail.
  if (ending !== undefined) return
  console.error(`ops: ${error instanceof Error ? error.message : String(error)}`)
  return end(1)
})

async function start(chosen: OpsOptions): Promise<void> {
  for (const part of parts) await refuseTaken(chosen.ports[part], part)
  const watched = watchParts(chosen, join(import.meta.dirname, '..'))
  for (const { start: program } of watched) {
    if (program === undefined || ending !== undefined) continue
    const started = startProgram(program)
    running.push(started)
    void started.ended.then((how) => {
      if (ending !== undefined) return
      console.error(`ops: ${started.name} ended by itself, ${how}; see ${program.logFile}`)
      return end(1)
    })
    await started.ready()
  }
  if (ending === undefined) console.log(addresses(watched, chosen))
}

function end(code: number): Promise<void> {
  ending ??= endAll().then(() => {
    process.exitCode = code
  })
  return ending
}

async function endAll(): Promise<void> {
  const [service, ...watchers] = running
  // The service first: its last lines and numbers are still collected.
  await service?.stop()
  await Promise.all(watchers.map((program) => program.stop()))
}

function addresses(watched: readonly WatchPart[], { ports, dataDir }: OpsOptions): string {
  const there = watched.filter(({ start: program }) => program !== undefined)
  const absent = watched.filter(({ start: program }) => program === undefined)
  const rows = there.map(({ part, url, what }) => `  ${part.padEnd(13)} ${url.padEnd(44)} ${what}`)
  const missing = absent.map(({ part }) => `  ${part.padEnd(13)} is not installed`)
  const metrics = `  ${'metrics'.padEnd(13)} ${`http://127.0.0.1:${ports.metrics}/metrics`.padEnd(44)} what Prometheus collects`
  return [
    '',
    'The watch is up:',
    '',
    ...rows,
    metrics,
    ...missing,
    '',
    `Logs: ${join(dataDir, 'logs')}. Ctrl-C ends it.`,
  ].join('\n')
}

/** Before anything starts: each program would fail in its own words, minutes later. */
async function refuseTaken(port: number, part: string): Promise<void> {
  const server = createServer()
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(port, '127.0.0.1', resolve)
  try {
    await promise
  } catch (error) {
    throw new Error(`port ${port} is taken; see who listens with "ss -ltnp", or give --${part}-port another`, {
      cause: error,
    })
  } finally {
    server.close()
  }
}

function optionsOrExit(): OpsOptions {
  try {
    const read = readOptions(process.argv.slice(2))
    if (read !== 'help') return read
    console.log(usage)
    process.exit(0)
  } catch (error) {
    console.error(`ops: ${error instanceof Error ? error.message : String(error)}\n\n${usage}`)
    process.exit(2)
  }
}
