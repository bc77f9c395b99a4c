/**
 * `npm run image`: builds the image without a Docker engine, and starts it: read-only root, PID 1, the user of the
 * image, a real Postgres. Migrates as Fly's release command does, asks for `/api/health` through nginx, stops it.
 */
import { spawnSync } from 'node:child_process'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import manifest from '../package.json' with { type: 'json' }
import { startEmbedded } from '../src/db/embedded.ts'
import type { BuiltImage } from './image/build-image.ts'
import { type Container, type ContainerOptions, startContainer } from './image/container.ts'
import { prepareImage } from './image/prepare-image.ts'

const answerWithinMs = 60_000
const pollMs = 50

const workDirectory = await mkdtemp(join(tmpdir(), 'medio-image-'))
// The user of the image, and that of Postgres, have to get in.
await chmod(workDirectory, 0o755)
const interrupted = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => interrupted.abort(new Error(`${name}: given up`)))
}
const begunMs = performance.now()
let stepBegunMs = begunMs
try {
  await main(interrupted.signal)
  process.stdout.write(`${seconds(begunMs)}  all\n`)
} catch (error) {
  const reason = interrupted.signal.aborted ? interrupted.signal.reason : error
  process.stderr.write(`image: ${reason instanceof Error ? reason.message : String(reason)}\n`)
  process.exitCode = 1
} finally {
  await rm(workDirectory, { recursive: true, force: true })
}

async function main(signal: AbortSignal): Promise<void> {
  const facts = { version: manifest.version, commit: commit(), buildDate: new Date().toISOString() }
  const image = await prepareImage({ workDirectory, facts, signal, onStep: done })
  const postgres = await startEmbedded({ directory: join(workDirectory, 'postgres'), settings: { fsync: 'off' } })
  try {
    const url = new URL(postgres.url)
    const common = {
      logPath: join(workDirectory, 'log'),
      ports: [Number(url.port)],
      env: (hostAddress: string) => ({ DATABASE_URL: postgres.url.replace(url.hostname, hostAddress) }),
      signal,
    }
    done('Postgres', 'a real one, on this host')
    await migrate(image, common)
    await askAndStop(image, common)
  } finally {
    await postgres.stop()
  }
}

async function migrate(image: BuiltImage, options: ContainerOptions): Promise<void> {
  await using container = await startContainer(image, { ...options, command: ['medio', 'migrate'] })
  const code = await container.exited
  if (code !== 0) throw new Error(`medio migrate ended with ${code}:\n${container.output()}`)
  done('migrate', 'medio migrate in place of CMD, as a release command; exit code 0')
}

async function askAndStop(image: BuiltImage, options: ContainerOptions): Promise<void> {
  await using container = await startContainer(image, options)
  const { status, body } = await firstAnswer(container, '/api/health', options.signal)
  done('first answer', `${status} from nginx on port 5000: ${body}`)
  if (status !== 200) throw new Error(`the container is not healthy; it said:\n${container.output()}`)
  const { stopSignal } = image.config
  container.signal(stopSignal)
  const code = await container.exited
  if (code !== 0)
    throw new Error(`after ${stopSignal} the container ended with ${code}; it said:\n${container.output()}`)
  done('stop', `${stopSignal}, exit code 0`)
}

async function firstAnswer(container: Container, path: string, signal?: AbortSignal) {
  const deadlineMs = performance.now() + answerWithinMs
  let ended = false
  void container.exited.then(() => {
    ended = true
  })
  while (!ended && performance.now() < deadlineMs) {
    const response = await fetch(`http://${container.address}:5000${path}`, {
      signal: AbortSignal.timeout(pollMs * 100),
    }).catch(() => undefined)
    if (response !== undefined) return { status: response.status, body: await response.text() }
    signal?.throwIfAborted()
    await delay(pollMs)
  }
  throw new Error(
    `nginx did not open port 5000 within ${answerWithinMs} ms; the container said:\n${container.output()}`,
  )
}

function done(step: string, detail: string): void {
  process.stdout.write(`${seconds(stepBegunMs)}  ${step.padEnd(12)}  ${detail}\n`)
  stepBegunMs = performance.now()
}

function seconds(sinceMs: number): string {
  return `${((performance.now() - sinceMs) / 1_000).toFixed(1).padStart(6)} s`
}

/** Of an archive without history there is none to name. */
function commit(): string {
  const { status, stdout } = spawnSync('git', ['rev-parse', '--short=9', 'HEAD'], { encoding: 'utf8' })
  return status === 0 ? stdout.trim() : 'unknown'
}
