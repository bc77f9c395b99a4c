/** What a health answer costs at saturation, next to the least that Node can do and to plain Express. */
import type { HttpServer } from './harness/http-server.ts'
import { answerOfMedio, startMedio } from './harness/medio.ts'
import { bareExpress, rawHttp, startPeer } from './harness/peers.ts'
import { print, printMark, printTable, ratio } from './harness/report.ts'
import { interleave, type Sample } from './harness/rounds.ts'
import { measureSaturated } from './harness/saturation.ts'
import type { Stage } from './harness/stage.ts'

const ours = 'Medio /api/health, all checks, headers, request id, metrics'

export async function compareHealth(stage: Stage): Promise<void> {
  const rounds = stage.quick ? 2 : 9
  const seconds = stage.quick ? 1 : 3
  const body = await answerOfMedio(stage, '/api/health')

  async function measure(start: () => Promise<HttpServer>): Promise<Sample> {
    await using server = await start()
    return await measureSaturated(server, '/api/health', seconds)
  }
  const results = await interleave(
    {
      [rawHttp]: () => measure(() => startPeer(stage, rawHttp, body)),
      [ours]: () => measure(() => startMedio(stage)),
      [bareExpress]: () => measure(() => startPeer(stage, bareExpress, body)),
    },
    rounds,
  )

  print(`wrk, 64 connections, ${rounds} rounds × ${seconds} s, fresh process a round, body of ${body.length} bytes.\n`)
  printTable(
    results,
    [
      { key: 'requestsPerSecond', title: 'requests/s', digits: 0 },
      { key: 'cpuUs', title: 'CPU µs/request', digits: 1 },
      { key: 'p50Us', title: 'p50 µs', digits: 0 },
      { key: 'p99Us', title: 'p99 µs', digits: 0 },
    ],
    rawHttp,
  )
  print()
  const throughput = ratio(results, 'requestsPerSecond', ours, rawHttp)
  printMark({ what: `throughput, ${rawHttp} = 1`, value: throughput, atLeast: 0.8 })
  printMark({ what: 'the same, aim', value: throughput, atLeast: 0.95 })
}
