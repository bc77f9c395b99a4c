/** From spawn to the first answer, and to ready: what a woken machine lets a person wait for. */
import { readFileSync } from 'node:fs'
import { Agent } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from './harness/http-server.ts'
import { answerOfMedio, bundlePath, medioEnv, withoutRemoteServices } from './harness/medio.ts'
import { startNode } from './harness/node-process.ts'
import { bareExpress, peerCommand, rawHttp } from './harness/peers.ts'
import { serverCore } from './harness/pinning.ts'
import { cpuMs, rssMiB } from './harness/process-figures.ts'
import { print, printMark, printTable, ratio } from './harness/report.ts'
import { interleave, type Sample } from './harness/rounds.ts'
import type { Stage } from './harness/stage.ts'
import { untilAnswer } from './harness/until-answer.ts'

const ours = 'Medio, Sentry configured'
const oursWithSentry = 'Medio, Sentry loaded after ready'
const oursWithServices = 'Medio, Redis, S3 and APIs too'
/** After ready: what was put off must be over by then. */
const settleMs = 700

export async function compareStart(stage: Stage): Promise<void> {
  const rounds = stage.quick ? 2 : 15
  const body = await answerOfMedio(stage, '/api/health')

  async function peer(name: string): Promise<Sample> {
    const port = await freePort()
    return measureStart({ args: await peerCommand(stage, name, body, port), port, env: {}, readyPath: undefined })
  }
  async function medio(env: Readonly<Record<string, string>>): Promise<Sample> {
    const ports = { http: await freePort(), metrics: await freePort() }
    return measureStart({
      args: [bundlePath()],
      port: ports.http,
      env: medioEnv(stage, ports, env),
      readyPath: '/api/health/ready',
    })
  }
  // The first start after a build fills the compile cache and the page cache.
  await medio({})
  const results = await interleave(
    {
      [rawHttp]: () => peer(rawHttp),
      [ours]: () => medio(withoutRemoteServices),
      [oursWithSentry]: () => medio({ ...withoutRemoteServices, SENTRY_LOAD: 'after-ready' }),
      [oursWithServices]: () => medio({}),
      [bareExpress]: () => peer(bareExpress),
    },
    rounds,
  )

  print(`One core, warm page cache, ${rounds} rounds; the process is stopped while its CPU time is read.\n`)
  printTable(
    results,
    [
      { key: 'firstMs', title: 'first answer ms', digits: 1 },
      { key: 'firstCpuMs', title: 'CPU ms', digits: 1 },
      { key: 'readyMs', title: 'ready ms', digits: 1 },
      { key: 'readyCpuMs', title: 'CPU ms', digits: 1 },
      { key: 'settledCpuMs', title: `CPU ms ${settleMs} ms later`, digits: 1 },
      { key: 'rss', title: 'RSS MiB', digits: 1 },
    ],
    rawHttp,
  )
  print()
  const cpu = (key: string) => ratio(results, key, ours, rawHttp)
  printMark({ what: `CPU to the first answer, ${rawHttp} = 1`, value: cpu('firstCpuMs'), atMost: 1.15 })
  printMark({ what: `CPU to ready, ${rawHttp} = 1`, value: cpu('readyCpuMs'), atMost: 2.7 })
}

interface StartOptions {
  readonly args: readonly string[]
  readonly port: number
  readonly env: Readonly<Record<string, string>>
  /** Answers 200 once ready; a peer without one is ready with its first answer. */
  readonly readyPath: string | undefined
}

async function measureStart({ args, port, env, readyPath }: StartOptions): Promise<Sample> {
  const agent = new Agent({ keepAlive: true })
  const spawnedAt = performance.now()
  await using node = await startNode({ core: serverCore, args, env })
  await untilAnswer({ port, path: '/api/health', agent }, 1, () => true)
  const firstMs = performance.now() - spawnedAt
  const firstCpuMs = cpuMsStopped(node.pid)
  let [readyMs, readyCpuMs] = [firstMs, firstCpuMs]
  if (readyPath !== undefined) {
    // Rarer: from here on each question costs the server some of the CPU that is measured.
    await untilAnswer({ port, path: readyPath, agent }, 5, (statusCode) => statusCode === 200)
    readyMs = performance.now() - spawnedAt
    readyCpuMs = cpuMsStopped(node.pid)
  }
  agent.destroy()
  await pause(settleMs)
  return { firstMs, firstCpuMs, readyMs, readyCpuMs, settledCpuMs: cpuMs(node.pid), rss: rssMiB(node.pid) }
}

/** The kernel's figure is up to a tick old while a process runs; of a stopped one it is exact. */
function cpuMsStopped(pid: number): number {
  process.kill(pid, 'SIGSTOP')
  while (!/^State:\tT/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')));
  const spentMs = cpuMs(pid)
  process.kill(pid, 'SIGCONT')
  return spentMs
}
