/** What nginx in front of Node costs, and what of it the Unix socket between them gives back. */
import { join } from 'node:path'
import type { HttpServer } from './harness/http-server.ts'
import { startMedio } from './harness/medio.ts'
import { spentOfMachine, startMedioMachine } from './harness/medio-machine.ts'
import { openLoad } from './harness/open-load.ts'
import { cpuMs } from './harness/process-figures.ts'
import { print, printMark, printTable, ratio } from './harness/report.ts'
import { interleave, type Sample } from './harness/rounds.ts'
import { measureSaturatedUrl, perRequest } from './harness/saturation.ts'
import type { Stage } from './harness/stage.ts'

const direct = 'Node asked directly, TCP'
const overSocket = 'Node asked directly, Unix socket'
const behindNginx = 'through nginx, all of the machine'
const behindPlainNginx = 'through the barest nginx.conf, all of the machine'
const plainConf = join(import.meta.dirname, 'contestants/nginx-plain.conf')
const path = '/api/health'
const perSecond = 2_000

export async function compareNginxInFront(stage: Stage): Promise<void> {
  const rounds = stage.count ?? (stage.quick ? 2 : 7)
  const seconds = stage.quick ? 1 : 3

  print('\n### As fast as it goes\n')
  const saturated = await interleave(
    {
      [direct]: () => saturateNode(stage, seconds),
      [behindPlainNginx]: () => saturateMachine(stage, seconds, plainConf),
      [behindNginx]: () => saturateMachine(stage, seconds),
    },
    rounds,
  )
  print(`${path}, wrk, 64 connections, one core, ${rounds} rounds × ${seconds} s, fresh processes a round.\n`)
  printTable(
    saturated,
    [
      { key: 'requestsPerSecond', title: 'requests/s', digits: 0 },
      { key: 'cpuUs', title: 'CPU µs/request', digits: 1 },
      { key: 'nodeUs', title: 'Node', digits: 1 },
      { key: 'nginxUs', title: 'nginx', digits: 1 },
      { key: 'p99Us', title: 'p99 µs', digits: 0 },
    ],
    direct,
  )
  print()
  printMark({ what: `CPU, ${direct} = 1`, value: ratio(saturated, 'cpuUs', behindNginx, direct), atMost: 1.35 })
  const ofPlain = (key: string) => ratio(saturated, key, behindNginx, behindPlainNginx).toFixed(2)
  print(`- ${behindPlainNginx} = 1: ${ofPlain('cpuUs')} × CPU, of nginx alone ${ofPlain('nginxUs')} × (no mark)`)

  print(`\n### At ${perSecond} requests/s\n`)
  const open = await interleave(
    {
      [direct]: () => loadNode(stage, seconds),
      [overSocket]: () => loadMachine(stage, seconds, 'socket'),
      [behindNginx]: () => loadMachine(stage, seconds, 'port'),
    },
    rounds,
  )
  print(`At fixed instants, latency from the due instant, 32 connections, ${rounds} rounds × ${seconds} s.\n`)
  printTable(
    open,
    [
      { key: 'cpuUs', title: 'CPU µs/request', digits: 1 },
      { key: 'nodeUs', title: 'Node', digits: 1 },
      { key: 'nginxUs', title: 'nginx', digits: 1 },
      { key: 'p50Us', title: 'p50 µs', digits: 0 },
      { key: 'p99Us', title: 'p99 µs', digits: 0 },
    ],
    direct,
  )
}

async function saturateNode(stage: Stage, seconds: number): Promise<Sample> {
  await using server = await startMedio(stage)
  return await measureSaturatedUrl(`${server.origin}${path}`, seconds, () => spentOfNode(server))
}

async function saturateMachine(stage: Stage, seconds: number, nginxConf?: string): Promise<Sample> {
  await using machine = await startMedioMachine(stage, {}, nginxConf === undefined ? {} : { nginxConf })
  return await measureSaturatedUrl(`${machine.origin}${path}`, seconds, () => spentOfMachine(machine))
}

async function loadNode(stage: Stage, seconds: number): Promise<Sample> {
  await using server = await startMedio(stage)
  return await measureOpenLoad(server, seconds, () => spentOfNode(server))
}

function spentOfNode({ pid }: HttpServer): Sample {
  return { cpuUs: cpuMs(pid), nodeUs: cpuMs(pid) }
}

async function loadMachine(stage: Stage, seconds: number, entrance: 'socket' | 'port'): Promise<Sample> {
  await using machine = await startMedioMachine(stage)
  const { origin, socketPath } = machine
  const where = entrance === 'socket' ? { origin, socketPath } : { origin }
  return await measureOpenLoad(where, seconds, () => spentOfMachine(machine))
}

async function measureOpenLoad(
  { origin, socketPath }: { readonly origin: string; readonly socketPath?: string },
  seconds: number,
  spent: () => Sample,
): Promise<Sample> {
  const load = { ...{ origin, paths: [path], perSecond }, ...(socketPath !== undefined && { socketPath }) }
  await openLoad({ ...load, seconds: 1 })
  const before = spent()
  const { sent, answered, statusCounts, p50Us, p99Us } = await openLoad({ ...load, seconds })
  const after = spent()
  if (statusCounts['200'] !== sent) throw new Error(`of ${sent} requests: ${JSON.stringify(statusCounts)}`)
  return { ...perRequest(before, after, answered), p50Us, p99Us }
}
