/** The cost of health at a steady 2,000 requests a second, where wake-ups count and queues stay empty. */
import type { HttpServer } from './harness/http-server.ts'
import { answerOfMedio, startMedio } from './harness/medio.ts'
import { openLoad } from './harness/open-load.ts'
import { bareExpress, rawHttp, startPeer } from './harness/peers.ts'
import { cpuMs } from './harness/process-figures.ts'
import { print, printMark, printTable, ratio } from './harness/report.ts'
import { interleave, type Sample } from './harness/rounds.ts'
import type { Stage } from './harness/stage.ts'

const perSecond = 2_000
const ours = 'Medio /api/health'

export async function compareOpenLoad(stage: Stage): Promise<void> {
  const rounds = stage.quick ? 2 : 9
  const seconds = stage.quick ? 1 : 5
  const body = await answerOfMedio(stage, '/api/health')

  async function measure(start: () => Promise<HttpServer>): Promise<Sample> {
    await using server = await start()
    const load = { origin: server.origin, paths: ['/api/health'], perSecond }
    await openLoad({ ...load, seconds: 1 })
    const before = cpuMs(server.pid)
    const { sent, answered, statusCounts, p50Us, p90Us, p99Us } = await openLoad({ ...load, seconds })
    const cpuUs = ((cpuMs(server.pid) - before) * 1_000) / answered
    if (statusCounts['200'] !== sent) throw new Error(`of ${sent} requests: ${JSON.stringify(statusCounts)}`)
    return { cpuUs, p50Us, p90Us, p99Us }
  }
  const results = await interleave(
    {
      [rawHttp]: () => measure(() => startPeer(stage, rawHttp, body)),
      [ours]: () => measure(() => startMedio(stage)),
      [bareExpress]: () => measure(() => startPeer(stage, bareExpress, body)),
    },
    rounds,
  )

  print(`${perSecond} requests/s at fixed instants, latency from the due instant, ${rounds} rounds × ${seconds} s.\n`)
  printTable(
    results,
    [
      { key: 'cpuUs', title: 'CPU µs/request', digits: 1 },
      { key: 'p50Us', title: 'p50 µs', digits: 0 },
      { key: 'p90Us', title: 'p90 µs', digits: 0 },
      { key: 'p99Us', title: 'p99 µs', digits: 0 },
    ],
    rawHttp,
  )
  print()
  printMark({ what: `CPU, ${rawHttp} = 1`, value: ratio(results, 'cpuUs', ours, rawHttp), atMost: 1.2 })
}
