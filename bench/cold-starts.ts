/** What a client meets that knocks at a machine's door from before its start until after. */
import { knockUntilOpen } from '../test/support/knock.ts'
import { expressPgCommand, withoutWaiting } from './harness/express-pg.ts'
import { type MachineCommand, medioCommand, prepareMachine } from './harness/machine.ts'
import { answerOfMedio, withoutRemoteServices } from './harness/medio.ts'
import { print, printMark, printTable, valuesOf } from './harness/report.ts'
import type { Results, Sample } from './harness/rounds.ts'
import type { Stage } from './harness/stage.ts'

const ours = 'Medio, the supervisor of the image'
/** After the first connection: what loads late, and might stall or refuse, is over by then. */
const openForMs = 250

export async function compareColdStarts(stage: Stage): Promise<void> {
  const count = stage.count ?? (stage.quick ? 4 : 200)
  // Enough to see what a client meets there.
  const peerCount = Math.ceil(count / 10)
  const body = await answerOfMedio(stage, '/api/health')
  const medio = await medioCommand(stage, withoutRemoteServices)
  const peer = await expressPgCommand(stage, withoutWaiting, body)
  const results: Results = {
    [withoutWaiting]: await startAgainAndAgain(stage, peer, peerCount),
    [ours]: await startAgainAndAgain(stage, medio, count),
  }

  print(
    `${count} starts, ${peerCount} of the peer, one core. A client connects again and again and asks for /api/health, ` +
      `until ${openForMs} ms after its first connection. Per start:\n`,
  )
  printTable(
    results,
    [
      { key: 'ok', title: '200', digits: 0 },
      { key: 'unavailable', title: '502 and 503', digits: 0 },
      { key: 'other', title: 'other answers', digits: 0 },
      { key: 'closed', title: 'refused or cut', digits: 0 },
    ],
    withoutWaiting,
  )
  print()
  const sum = (key: string) => valuesOf(results, ours, key).reduce((total, value) => total + value, 0)
  for (const [key, what] of [
    ['unavailable', '502 and 503'],
    ['other', 'other answers than 200'],
    ['closed', 'refused or cut after the first connection'],
  ] as const) {
    printMark({ what: `${what}, of ${sum('ok')} answers with 200`, value: sum(key), atMost: 0, unit: '', digits: 0 })
  }
}

async function startAgainAndAgain(stage: Stage, command: MachineCommand, count: number): Promise<Sample[]> {
  const samples: Sample[] = []
  for (let start = 0; start < count; start += 1) samples.push(await knockThroughStart(stage, command))
  return samples
}

async function knockThroughStart(stage: Stage, command: MachineCommand): Promise<Sample> {
  await using machine = await prepareMachine(stage, command)
  const knocking = knockUntilOpen(machine.port, '/api/health', openForMs)
  machine.start()
  const knocks = await Promise.race([knocking, machine.ended])
  const after = knocks.slice(knocks.findIndex(({ connected }) => connected))
  const how = (is: (statusCode: number | undefined) => boolean) => after.filter((knock) => is(knock.statusCode)).length
  const [ok, unavailable] = [how((code) => code === 200), how((code) => code === 502 || code === 503)]
  const closed = how((code) => code === undefined)
  return { ok, unavailable, closed, other: after.length - ok - unavailable - closed }
}
