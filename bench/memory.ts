/** Resident memory after a minute of steady load, side by side. */
import { setTimeout as pause } from 'node:timers/promises'
import { answerOfMedio, startMedio, withoutRemoteServices } from './harness/medio.ts'
import { openLoad } from './harness/open-load.ts'
import { bareExpress, rawHttp, startPeer } from './harness/peers.ts'
import { pssMiB, rssMiB } from './harness/process-figures.ts'
import { print, printMark, printTable, ratio } from './harness/report.ts'
import type { Results } from './harness/rounds.ts'
import type { Stage } from './harness/stage.ts'

const perSecond = 150
/** Health and a route behind Express with its log line: what a machine in service gets. */
const paths = ['/api/health', '/']
const ours = 'Medio, Sentry configured, no error'

export async function compareMemory(stage: Stage): Promise<void> {
  const rounds = stage.quick ? 1 : 3
  const seconds = stage.quick ? 3 : 60
  const body = await answerOfMedio(stage, '/api/health')
  const results: Record<string, { idle: number; rss: number; pss: number }[]> = {}

  for (let round = 0; round < rounds; round += 1) {
    await using raw = await startPeer(stage, rawHttp, body)
    await using express = await startPeer(stage, bareExpress, body)
    await using medio = await startMedio(stage, withoutRemoteServices)
    await pause(stage.quick ? 100 : 3_000)
    const servers = { [rawHttp]: raw, [bareExpress]: express, [ours]: medio }
    await Promise.all(
      Object.entries(servers).map(async ([name, { pid, origin }]) => {
        const idle = rssMiB(pid)
        const { sent, statusCounts } = await openLoad({ origin, paths, perSecond, seconds })
        if (statusCounts['200'] !== sent) throw new Error(`${name}: of ${sent}: ${JSON.stringify(statusCounts)}`)
        results[name] = [...(results[name] ?? []), { idle, rss: rssMiB(pid), pss: pssMiB(pid) }]
      }),
    )
  }

  print(`${perSecond} requests/s each for ${seconds} s, ${rounds} rounds, all at the same time.\n`)
  printTable(
    results satisfies Results,
    [
      { key: 'idle', title: 'RSS before, MiB', digits: 1 },
      { key: 'rss', title: 'RSS after, MiB', digits: 1 },
      { key: 'pss', title: 'PSS after, MiB', digits: 1 },
    ],
    bareExpress,
  )
  print()
  printMark({
    what: `RSS after load, ${bareExpress} = 1`,
    value: ratio(results, 'rss', ours, bareExpress),
    atMost: 1.15,
  })
}
