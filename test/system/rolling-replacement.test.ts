import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startFlyProxy } from '../support/fly-proxy.ts'
import { startMachine } from '../support/machine.ts'
import { latestSentMs, startOpenLoad, tally } from '../support/open-load.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { operatorToken, userRequest } from '../support/user-traffic.ts'

const perSecond = 500
/** As in fly.toml, with a shorter interval: the pause is longer than interval and time-out together. */
const check = { path: '/api/health/ready', intervalMs: 1_000, timeoutMs: 2_000 }
const drainDelayMs = 4_000

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

it('two machines are replaced one after the other under load, and no request fails', async ({ annotate }) => {
  await using machines = new AsyncDisposableStack()
  const proxy = await startFlyProxy({ check })
  machines.defer(proxy.close)
  const start = async (id: string) => {
    const env = { DATABASE_URL: database.url, DRAIN_DELAY_MS: String(drainDelayMs), OPERATOR_TOKEN: operatorToken }
    const machine = machines.use(await startMachine({ id, env }))
    proxy.started(machine)
    return machine
  }
  const before = [await start('m1'), await start('m2')]
  await proxy.untilPassing(['m1', 'm2'])

  const load = startOpenLoad({ origin: proxy.origin, perSecond, requestOf: userRequest })
  await delay(500)
  const replacedAtMs: number[] = []
  for (const machine of before) {
    machine.signal('SIGINT')
    expect(await machine.exitCode()).toBe(0)
    proxy.stopped(machine.id)
    await start(machine.id)
    await proxy.untilPassing(['m1', 'm2'])
    replacedAtMs.push(performance.now())
    await delay(500)
  }
  const outcomes = await load.stop()

  const figures = `${outcomes.length} requests, ${proxy.retries.length} repeated by the proxy`
  await annotate(`${figures}, sent at most ${latestSentMs(outcomes)} ms late`)
  const failed = outcomes.filter(({ ok }) => !ok).map(({ request, last }) => ({ request, attempt: last }))
  expect(tally(failed)).toEqual({})
  // Each machine was left alone before it closed its port.
  expect(proxy.retries).toEqual([])
  const attempts = outcomes.flatMap((outcome) => outcome.attempts)
  expect(attempts.length).toBe(outcomes.length)
  const machinesAfter = (ms: number) =>
    new Set(attempts.filter(({ sentMs }) => sentMs > ms).map(({ machine }) => machine))
  for (const ms of replacedAtMs) expect([...machinesAfter(ms)].toSorted()).toEqual(['m1', 'm2'])
}, 150_000)
