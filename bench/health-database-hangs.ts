/** Health while Postgres answers nobody: bytes are held back, or lost as when its host vanished. */
import { setTimeout as pause } from 'node:timers/promises'
import { createTcpProxy } from '../test/support/tcp-proxy.ts'
import type { HttpServer } from './harness/http-server.ts'
import { startMedio } from './harness/medio.ts'
import { openLoad } from './harness/open-load.ts'
import { connectionsTo } from './harness/process-figures.ts'
import { print, printMark, printTable, ratio, worstOf } from './harness/report.ts'
import type { Sample } from './harness/rounds.ts'
import type { Stage } from './harness/stage.ts'

const perSecond = 1_000
const watchEveryMs = 25
const giveUpMs = 60_000
const faults = { hold: 'database hangs, bytes held', drop: 'database vanished, bytes lost' } as const
const healthy = 'healthy'
type Fault = keyof typeof faults

interface Timing {
  readonly intervalMs: number
  readonly timeoutMs: number
  readonly retryMs: number
}

export async function compareHealthWhileDatabaseHangs(stage: Stage): Promise<void> {
  const rounds = stage.quick ? 1 : 5
  const timing = stage.quick
    ? { intervalMs: 1_000, timeoutMs: 500, retryMs: 250 }
    : { intervalMs: 5_000, timeoutMs: 2_000, retryMs: 1_000 }
  const reasonBoundMs = timing.intervalMs + timing.timeoutMs
  const unhealthyBoundMs = timing.intervalMs + 3 * timing.timeoutMs + 2 * timing.retryMs

  for (const fault of Object.keys(faults) as Fault[]) {
    const results: Record<string, Sample[]> = { [healthy]: [], [faults[fault]]: [] }
    for (let round = 0; round < rounds; round += 1) {
      const [before, during] = await breakOnce(stage, fault, timing, unhealthyBoundMs)
      results[healthy]?.push(before)
      results[faults[fault]]?.push(during)
    }
    const worst = (key: string) => worstOf(results, faults[fault], key)

    print(`\n### ${faults[fault]}\n`)
    print(
      `${perSecond} probes/s before and from the fault until after \`unhealthy\`, ${rounds} rounds, fresh process a round; ` +
        `check every ${timing.intervalMs} ms, time-out ${timing.timeoutMs} ms, retry ${timing.retryMs} ms.\n`,
    )
    printTable(
      results,
      [
        { key: 'p50Us', title: 'p50 µs', digits: 0 },
        { key: 'p90Us', title: 'p90 µs', digits: 0 },
        { key: 'p99Us', title: 'p99 µs', digits: 0 },
        { key: 'unanswered', title: 'unanswered', digits: 0 },
        { key: 'connections', title: 'most connections to the database', digits: 0 },
      ],
      healthy,
    )
    print()
    printMark({ what: 'probes without an answer', value: worst('unanswered'), atMost: 0, unit: '', digits: 0 })
    printMark({ what: 'p50, healthy = 1', value: ratio(results, 'p50Us', faults[fault], healthy), atMost: 1.5 })
    printMark({ what: 'p90, healthy = 1', value: ratio(results, 'p90Us', faults[fault], healthy), atMost: 1.5 })
    const extra = worst('connections') - worstOf(results, healthy, 'connections')
    printMark({ what: 'connections beyond the healthy ones', value: extra, atMost: 0, unit: '', digits: 0 })
    printMark({
      what: 'told by a reason after, slowest round',
      value: worst('reasonMs'),
      atMost: reasonBoundMs,
      unit: 'ms',
      digits: 0,
    })
    printMark({
      what: '`unhealthy` after, slowest round',
      value: worst('unhealthyMs'),
      atMost: unhealthyBoundMs,
      unit: 'ms',
      digits: 0,
    })
    printMark({
      what: 'healthy again after, slowest round',
      value: worst('recoveredMs'),
      atMost: 2 * timing.intervalMs,
      unit: 'ms',
      digits: 0,
    })
  }
}

async function breakOnce(stage: Stage, fault: Fault, timing: Timing, unhealthyBoundMs: number) {
  const url = new URL(stage.databaseUrl)
  const proxy = await createTcpProxy({ host: url.hostname, port: Number(url.port || 5432) })
  url.hostname = '127.0.0.1'
  url.port = String(proxy.port)
  try {
    await using server = await startMedio(stage, {
      DATABASE_URL: url.href,
      HEALTH_DATABASE_INTERVAL_MS: String(timing.intervalMs),
      HEALTH_DATABASE_TIMEOUT_MS: String(timing.timeoutMs),
      HEALTH_RETRY_MS: String(timing.retryMs),
    })
    const seconds = Math.ceil((unhealthyBoundMs + 1_000) / 1_000)
    await load(server, proxy.port, 1)
    const before = await load(server, proxy.port, seconds)

    await proxy.set(fault)
    const during = await load(server, proxy.port, seconds)
    await proxy.set('pass')
    const healedAt = performance.now()
    while ((await healthOf(server)).status !== 'healthy') {
      if (performance.now() - healedAt > giveUpMs) throw new Error(`not healthy ${giveUpMs} ms after ${faults[fault]}`)
      await pause(watchEveryMs)
    }
    return [before, { ...during, recoveredMs: performance.now() - healedAt }] as const
  } finally {
    await proxy.close()
  }
}

/** Probes at a steady rate, watched by one more that reads what they are told. What was never told is NaN. */
async function load(server: HttpServer, databasePort: number, seconds: number): Promise<Sample> {
  const seen = { connections: 0, reasonMs: Number.NaN, unhealthyMs: Number.NaN }
  const startedAt = performance.now()
  const over = new AbortController()
  async function watch(): Promise<void> {
    while (!over.signal.aborted) {
      const { status, reasons } = await healthOf(server)
      const elapsedMs = performance.now() - startedAt
      seen.connections = Math.max(seen.connections, connectionsTo(databasePort))
      if (Number.isNaN(seen.reasonMs) && reasons.some(({ check }) => check === 'database')) seen.reasonMs = elapsedMs
      if (Number.isNaN(seen.unhealthyMs) && status === 'unhealthy') seen.unhealthyMs = elapsedMs
      await pause(watchEveryMs)
    }
  }
  const watching = watch()
  const load = { origin: server.origin, paths: ['/api/health'], perSecond, seconds }
  const { answered, statusCounts, p50Us, p90Us, p99Us } = await openLoad(load)
  over.abort()
  await watching
  const unexpected = Object.keys(statusCounts).filter((status) => status !== '200' && status !== '503')
  if (unexpected.length > 0) throw new Error(`health answered ${JSON.stringify(statusCounts)}`)
  return { p50Us, p90Us, p99Us, unanswered: perSecond * seconds - answered, ...seen }
}

interface Health {
  readonly status: string
  readonly reasons: readonly { readonly check: string }[]
}

async function healthOf(server: HttpServer): Promise<Health> {
  return (await (await fetch(`${server.origin}/api/health`)).json()) as Health
}
