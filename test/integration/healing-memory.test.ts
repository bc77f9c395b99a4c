import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fullHeap } from '../support/healing-faults.ts'
import {
  eventsOf,
  type HealingStage,
  longMs,
  messagesOf,
  openHealingStage,
  sampleOf,
} from '../support/healing-stage.ts'
import { startPostgresServer } from '../support/postgres.ts'
import { runProgram } from '../support/program.ts'

let stage: HealingStage
beforeEach(async () => {
  stage = await openHealingStage()
})
afterEach(() => stage.close())

describe('memory that is full for long', () => {
  it('ends the process with 70 and a clean stop, and the next start is a crash all the same', async () => {
    await using service = await stage.start(fullHeap)
    expect(await service.logged('self_restart', 30_000)).toMatchObject({
      ...{ code: 'memory_high', recordedIn: 'database' },
      msg: 'self-restart: 97.0 % of memory is in use, and has been all the time',
    })
    expect(await service.exited).toBe(70)
    expect((await stage.rows('select kind from machine_events order by at, id')).flat()).toEqual([
      ...['start', 'ready', 'restart', 'drain', 'stop'],
    ])
    await using next = await stage.start()
    await expect.poll(() => sampleOf(next, 'machine_starts_total{kind="boot",reason="crash"}')).toBe(1)
  }, 60_000)

  it('ends a process whose database is away, too, and is recorded when that is back', async () => {
    await using server = await startPostgresServer()
    expect((await runProgram('medio', ['migrate'], { DATABASE_URL: server.url })).code).toBe(0)
    await using service = await stage.start({ ...fullHeap, DATABASE_URL: server.url, DRAIN_DELAY_MS: '10000' })
    await server.stop('immediate')
    expect(await service.logged('self_restart', 30_000)).toMatchObject({ code: 'memory_high', recordedIn: 'file' })
    await server.start()
    expect(await service.exited).toBe(70)
    const client = new pg.Client({ connectionString: server.url })
    await client.connect()
    const { rows } = await client.query(`select machine_id, code from machine_events where kind = 'restart'`)
    await client.end()
    expect(rows).toEqual([{ machine_id: 'one', code: 'memory_high' }])
  }, 60_000)

  it('holds the turn of a machine that was killed before its end, until it is ready again', async () => {
    await using service = await stage.start({ ...fullHeap, DRAIN_DELAY_MS: '60000' })
    await service.logged('service_draining', 30_000)
    service.signal('SIGKILL')
    await service.exited
    const refused = await stage.permitFor('two')
    expect(refused.code).toBe(1)
    expect(refused.stdout).toContain('"cause":"other_machine"')

    await using next = await stage.start()
    await expect.poll(() => sampleOf(next, 'self_restart_budget_remaining')).toBe(2)
    expect((await stage.permitFor('two')).code).toBe(0)
  }, 60_000)
})

describe('a machine whose budget of restarts is spent', () => {
  it('stays up and unhealthy, tells it once everywhere, and clears when the fault is gone', async () => {
    for (let time = 0; time < 3; time++) expect((await stage.permitFor('one')).code).toBe(0)
    await using service = await stage.start(fullHeap)
    await expect.poll(() => sampleOf(service, 'self_restart_budget_remaining')).toBe(0)
    const { answer } = await service.until(
      ({ body }) => body.reasons.some(({ check, status }) => check === 'self_healing' && status === 'unhealthy'),
      30_000,
    )
    expect(answer.statusCode).toBe(503)
    expect(answer.body.reasons.find(({ check }) => check === 'self_healing')).toMatchObject({
      code: 'memory_high',
      since: expect.stringMatching(/^20.*Z$/),
    })
    expect((await service.health('/ready')).statusCode).toBe(503)
    await delay(longMs)
    expect((await service.health('/live')).statusCode).toBe(200)
    expect(service.lines.filter(({ event }) => event === 'self_restart_refused')).toEqual([
      expect.objectContaining({ level: 'error', code: 'memory_high', cause: 'budget_spent', machine: 'one' }),
    ])
    await stage.receiver.received(1)
    expect(messagesOf(stage.receiver)).toEqual([
      expect.stringMatching(/^self-restart refused: this machine has restarted itself 3 times/),
    ])

    service.signal('SIGHUP')
    await service.until(({ body }) => body.status === 'healthy')
    expect((await service.health('/ready')).statusCode).toBe(200)
    expect(eventsOf(service)).not.toContain('self_restart')
  }, 60_000)
})

describe('a machine that was ended because its loop was blocked', () => {
  it('reports it from its next process, since the blocked one could not', async () => {
    expect((await stage.permitFor('one', 'event_loop_blocked')).code).toBe(0)
    await using service = await stage.start()
    expect(await service.logged('self_restarted')).toMatchObject({ level: 'error', code: 'event_loop_blocked' })
    await stage.receiver.received(1)
    expect(messagesOf(stage.receiver)).toEqual([
      'self-restart: the event loop was blocked, and the supervisor ended the process',
    ])
  })
})
