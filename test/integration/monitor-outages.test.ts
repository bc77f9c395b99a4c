import { setTimeout as delay } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { isOk, type Observation } from '../../src/observation/observation.ts'
import { freePort } from '../support/free-port.ts'
import { startMonitor } from '../support/monitor-process.ts'
import { startPostgresServer } from '../support/postgres.ts'
import { startService } from '../support/service.ts'

const awayMs = 20_000

/** Bad probes in a row, with the good ones around them. */
function outagesOf(observations: readonly Observation[]): { lastGood: Observation; bad: Observation[] }[] {
  const outages: { lastGood: Observation; bad: Observation[] }[] = []
  let lastGood: Observation | undefined
  let wasBad = false
  for (const observation of observations) {
    if (isOk(observation)) {
      lastGood = observation
      wasBad = false
    } else if (lastGood !== undefined) {
      if (!wasBad) outages.push({ lastGood, bad: [] })
      outages.at(-1)?.bad.push(observation)
      wasBad = true
    }
  }
  return outages
}

it('a database that is stopped for 20 s and a machine that is restarted are both told, from last good to first bad', async () => {
  await using postgres = await startPostgresServer()
  const env = {
    ...{ DATABASE_URL: postgres.url, PORT: String(await freePort()), FLY_MACHINE_ID: 'm1', FLY_REGION: 'iad' },
    ...{ HEALING_ENABLED: 'false', HEALTH_DATABASE_INTERVAL_MS: '1000', HEALTH_DATABASE_TIMEOUT_MS: '500' },
    HEALTH_EVENT_LOOP_INTERVAL_MS: '60000',
  }
  const first = await startService(env)
  await first.until(({ body }) => body.status === 'healthy')
  await using monitor = startMonitor([first.url, '--interval', '1s', '--duration', '10m', '--target', 'shop'])
  const good = (count: number) => async () => monitor.observations().filter(isOk).length >= count

  await expect.poll(good(3), { timeout: 15_000 }).toBe(true)
  const stoppedMs = Date.now()
  await postgres.stop()
  await delay(awayMs)
  const startedMs = Date.now()
  await postgres.start()
  await first.until(({ body }) => body.status === 'healthy', 30_000)
  const recovered = monitor.observations().filter(isOk).length
  await expect.poll(good(recovered + 3), { timeout: 15_000 }).toBe(true)

  const killedMs = Date.now()
  first.signal('SIGKILL')
  await first.exited
  await delay(3_000)
  await using second = await startService(env)
  await second.until(({ body }) => body.status === 'healthy', 30_000)
  const again = monitor.observations().filter(isOk).length
  await expect.poll(good(again + 3), { timeout: 15_000 }).toBe(true)

  monitor.signal('SIGINT')
  const { code, stdout } = await monitor.ended
  await first[Symbol.asyncDispose]()

  const observations = monitor.observations()
  const [database, machine, ...others] = outagesOf(observations)
  expect(others).toEqual([])
  const at = (observation: Observation | undefined) => Date.parse(observation?.at ?? '')
  // The begin lies between the last good and the first bad probe; the health engine needs its third failure for 503.
  expect(at(database?.bad[0])).toBeGreaterThanOrEqual(stoppedMs)
  expect(at(database?.lastGood)).toBeLessThan(startedMs)
  expect(database?.bad.every(({ statusCode }) => statusCode === 503)).toBe(true)
  expect(database?.bad[0]?.reasons).toEqual([{ check: 'database', code: expect.any(String) }])
  expect(at(machine?.bad[0])).toBeGreaterThanOrEqual(killedMs - 1_000)
  expect(machine?.bad.some(({ errorCode }) => errorCode === 'connection_refused')).toBe(true)
  const uptimes = observations.filter(isOk).map(({ uptimeMs = Number.NaN }) => uptimeMs)
  expect(uptimes.filter((uptime, index) => uptime < (uptimes[index - 1] ?? 0))).toHaveLength(1)

  expect(code).toBe(1)
  expect(stdout).toContain('shop: criteria NOT MET')
  const report = monitor.read('report.md')
  const told = (observation: Observation | undefined) => observation?.at.slice(11, 19) ?? 'none'
  for (const outage of [database, machine]) {
    expect(report).toContain(told(outage?.lastGood))
    expect(report).toContain(told(outage?.bad[0]))
  }
  expect(report).toContain('database:')
  expect(report).toContain('connection_refused')
}, 150_000)
