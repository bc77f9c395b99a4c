import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createClockCheck } from '../../src/health/checks/clock.ts'
import { createWatchdog } from '../../src/health/watchdog.ts'
import { createScriptedCheck } from '../health/scripted-check.ts'
import { serveHealth } from '../support/health-server.ts'
import { createTestDatabase } from '../support/postgres.ts'
import { type HealthAnswer, quickChecks, slackMs, startService } from '../support/service.ts'

const intervalMs = 200
const timeoutMs = 150
const retryMs = 50
const reasonWithinMs = intervalMs + timeoutMs
const unhealthyWithinMs = intervalMs + 3 * timeoutMs + 2 * retryMs
const staleAfterMs = 3 * intervalMs + timeoutMs

const quick = (name: string) => createScriptedCheck(name, { intervalMs, timeoutMs })
const isHealthy = ({ body }: HealthAnswer) => body.status === 'healthy'
const isUnhealthy = ({ body }: HealthAnswer) => body.status === 'unhealthy'
const hasReason = ({ body }: HealthAnswer) => body.reasons.length > 0

describe('a check that fails', () => {
  it.each([
    ['never returns', 'stuck', 'timeout'],
    ['ends only when it is told to', 'hang', 'timeout'],
    ['throws before its first await', 'throw', 'check_failed'],
    ['rejects with its reason', 'fail', 'connection_refused'],
  ] as const)(
    'because it %s is told in time, disturbs no other, and is over when it is well',
    async (_how, script, code) => {
      const database = quick('database')
      const memory = quick('memory')
      await using server = await serveHealth([database, memory])
      expect((await server.health()).statusCode).toBe(200)

      database.script = script
      const first = await server.until(hasReason)
      expect(first.tookMs).toBeLessThan(reasonWithinMs + slackMs)
      expect(first.answer.body.reasons).toMatchObject([{ check: 'database', code }])
      const { answer, tookMs } = await server.until(isUnhealthy)
      expect(first.tookMs + tookMs).toBeLessThan(unhealthyWithinMs + slackMs)
      expect(answer.statusCode).toBe(503)
      expect(answer.headers.get('retry-after')).toBe('5')
      expect(answer.body.reasons).toMatchObject([{ check: 'database', status: 'unhealthy', code }])
      expect(database.inFlight()).toBeLessThanOrEqual(1)
      const memoryRuns = memory.startedAtMs.length
      await expect.poll(() => memory.startedAtMs.length).toBeGreaterThan(memoryRuns)

      database.script = 'healthy'
      database.letGo()
      const recovered = await server.until(isHealthy)
      expect(recovered.tookMs).toBeLessThan(2 * intervalMs + timeoutMs + slackMs)
      expect(recovered.answer.statusCode).toBe(200)
    },
  )

  it('because it never returns is never started a second time, also under five hundred callers', async () => {
    const database = quick('database')
    await using server = await serveHealth([database])
    database.script = 'stuck'
    await expect.poll(database.inFlight).toBe(1)
    const runs = database.startedAtMs.length
    await server.until(isUnhealthy)
    const answers = await Promise.all(Array.from({ length: 500 }, () => server.health()))
    expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([503]))
    expect(database.startedAtMs).toHaveLength(runs)
    database.letGo()
  })
})

describe('an engine whose timers are dead', () => {
  it('is stale within its limit, and that is 503', async () => {
    const database = quick('database')
    await using server = await serveHealth([database])
    server.killTimers()
    const { answer, tookMs } = await server.until(isUnhealthy)
    expect(tookMs).toBeLessThan(staleAfterMs + slackMs)
    expect(answer.statusCode).toBe(503)
    expect(answer.body.reasons).toMatchObject([{ check: 'database', status: 'stale', code: 'stale' }])
    expect(answer.body.services.database.status).toBe('stale')
  })

  it('is kept going by the watchdog, which tells of it once', async () => {
    const database = quick('database')
    const stalled: (readonly string[])[] = []
    await using server = await serveHealth([database])
    const watchdog = createWatchdog({ engine: server.engine, everyMs: 100, onStalled: (names) => stalled.push(names) })
    watchdog.start()
    server.killTimers()
    const runs = database.startedAtMs.length
    await expect.poll(() => database.startedAtMs.length, { timeout: 10_000 }).toBeGreaterThan(runs + 5)
    watchdog.stop()
    expect((await server.health()).body.status).toBe('healthy')
    expect(stalled).toEqual([['database']])
  })
})

describe('a clock that jumps by an hour', () => {
  it.each([
    ['backwards', -3_600_000],
    ['forwards', 3_600_000],
  ])('%s is a warning with its reason, and no result turns stale or fails of it', async (_where, jumpMs) => {
    let offsetMs = 0
    const wallMs = () => Date.now() + offsetMs
    const clock = createClockCheck({ wallMs, monotonicMs: () => performance.now() })
    const traits = { critical: false, scope: 'local', remote: false } as const
    const database = quick('database')
    await using server = await serveHealth(
      [database, { ...quick('clock'), ...traits, ...clock, intervalMs, timeoutMs }],
      wallMs,
    )
    await server.until(isHealthy)
    const seen: HealthAnswer[] = []
    offsetMs = jumpMs
    const jumped = await server.until((answer) => {
      seen.push(answer)
      return hasReason(answer)
    })
    expect(jumped.tookMs).toBeLessThan(reasonWithinMs + slackMs)
    expect(jumped.answer.statusCode).toBe(200)
    expect(jumped.answer.body).toMatchObject({
      status: 'degraded',
      reasons: [{ check: 'clock', status: 'degraded', code: 'clock_jumped', consecutiveFailures: 1 }],
    })
    await server.until((answer) => {
      seen.push(answer)
      return isHealthy(answer)
    })
    expect(new Set(seen.map(({ statusCode }) => statusCode))).toEqual(new Set([200]))
    expect(new Set(seen.map(({ body }) => body.services.database.status))).toEqual(new Set(['healthy']))
    const { checkedAt } = (await server.health()).body.services.database
    expect(Math.abs(Date.parse(checkedAt) - wallMs())).toBeLessThan(2_000)
  })
})

describe('a data directory that can not be written', () => {
  const isDisk = ({ check }: { check: string }) => check === 'disk'
  const diskBytes = 1_048_576

  it('degrades a running service with its reason and keeps it serving', async () => {
    const database = await createTestDatabase()
    const directory = await mkdtemp(join(tmpdir(), 'medio-full-'))
    // Only root may, and not in every container; elsewhere a directory below a file is as good a fault.
    const options = ['-t', 'tmpfs', '-o', `size=${diskBytes}`, 'none', directory]
    const isMounted = spawnSync('mount', options).status === 0
    try {
      if (isMounted) await writeFile(join(directory, 'filler'), Buffer.alloc(diskBytes))
      else await writeFile(join(directory, 'file'), '')
      await using service = await startService({
        ...quickChecks.env,
        DATABASE_URL: database.url,
        DATA_DIR: isMounted ? directory : join(directory, 'file', 'data'),
      })
      const { answer } = await service.until(({ body }) => body.reasons.some(isDisk))
      expect(answer.statusCode).toBe(200)
      expect(answer.body.status).toBe('degraded')
      expect(answer.body.reasons.find(isDisk)?.code).toBe(isMounted ? 'disk_full' : 'check_failed')
      expect((await service.health('/ready')).statusCode).toBe(200)
      if (!isMounted) return

      await rm(join(directory, 'filler'))
      await service.until(({ body }) => !body.reasons.some(isDisk))
      expect(spawnSync('mount', ['-o', 'remount,ro', directory]).status).toBe(0)
      const readOnly = await service.until(({ body }) => body.reasons.some(isDisk))
      expect(readOnly.answer.body.reasons.find(isDisk)?.code).toBe('disk_read_only')
      expect(readOnly.answer.statusCode).toBe(200)
    } finally {
      if (isMounted) spawnSync('umount', ['--lazy', directory])
      await rm(directory, { recursive: true, force: true })
      await database.drop()
    }
  })
})
