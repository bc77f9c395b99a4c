/** What request id, log line, metrics and error capture cost on a trivial route: bare Express has none of them. */
import type { HttpServer } from './harness/http-server.ts'
import { answerOfMedio, startMedio, withoutRemoteServices } from './harness/medio.ts'
import { bareExpress, startPeer } from './harness/peers.ts'
import { print, printMark, printTable, ratio } from './harness/report.ts'
import { interleave, type Sample } from './harness/rounds.ts'
import { measureSaturated } from './harness/saturation.ts'
import type { Stage } from './harness/stage.ts'

const ours = 'Medio GET /, request id, log line, metrics, error capture'

export async function compareRequest(stage: Stage): Promise<void> {
  const rounds = stage.quick ? 2 : 9
  const seconds = stage.quick ? 1 : 3
  const body = await answerOfMedio(stage, '/')

  async function measure(start: () => Promise<HttpServer>): Promise<Sample> {
    await using server = await start()
    return await measureSaturated(server, '/', seconds)
  }
  const results = await interleave(
    {
      [bareExpress]: () => measure(() => startPeer(stage, bareExpress, body)),
      [ours]: () => measure(() => startMedio(stage, withoutRemoteServices)),
    },
    rounds,
  )

  print(
    `wrk, 64 connections, ${rounds} rounds × ${seconds} s, body of ${body.length} bytes, logs through a pipe that is read, ` +
      'Sentry configured.\n',
  )
  printTable(
    results,
    [
      { key: 'requestsPerSecond', title: 'requests/s', digits: 0 },
      { key: 'cpuUs', title: 'CPU µs/request', digits: 1 },
      { key: 'p99Us', title: 'p99 µs', digits: 0 },
    ],
    bareExpress,
  )
  print()
  printMark({ what: `CPU, ${bareExpress} = 1`, value: ratio(results, 'cpuUs', ours, bareExpress), atMost: 1.3 })
}
