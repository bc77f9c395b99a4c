import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { forgottenClients, unseenClients, waitingClients } from '../support/healing-faults.ts'
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
import type { HealthAnswer } from '../support/service.ts'

let stage: HealingStage
beforeEach(async () => {
  stage = await openHealingStage()
})
afterEach(() => stage.close())

const codes = ({ body }: HealthAnswer) => body.reasons.map(({ check, code }) => `${check} ${code}`)

describe('a pool that is stuck because a route forgot its clients', () => {
  it('gets them back by destroying them, with the place that took them, and the process goes on', async () => {
    await using service = await stage.start(forgottenClients)
    service.signal('SIGHUP')
    expect(await service.logged('leaked_client_destroyed')).toMatchObject({
      place: expect.stringContaining('takeClient'),
    })
    await service.until(({ body }) => body.status === 'healthy')
    expect((await fetch(`${service.url}/api/deployments`)).status).toBe(200)
    await delay(longMs)
    expect((await service.health('/live')).statusCode).toBe(200)
    expect(eventsOf(service)).not.toContain('self_restart')
    expect(await stage.rows(`select 1 from machine_events where kind = 'restart'`)).toEqual([])
  })
})

describe('a pool that stays stuck while the database works', () => {
  it('ends the process with 70: drained, logged, reported, recorded, and the next start is a crash', async () => {
    await using service = await stage.start({ ...unseenClients, DRAIN_DELAY_MS: '4000' })
    service.signal('SIGHUP')
    expect(await service.logged('self_restart', 30_000)).toMatchObject({
      ...{ level: 'error', code: 'pool_stuck', remaining: 2, recordedIn: 'database', machine: 'one' },
    })
    expect((await service.health('/live')).statusCode).toBe(503)
    expect((await service.health('/ready')).body.status).toBe('draining')
    expect(await service.exited).toBe(70)
    expect((await service.logged('service_draining')).reason).toBe('self-restart: pool_stuck')
    const events = eventsOf(service)
    expect(events.indexOf('service_draining')).toBeGreaterThan(events.indexOf('self_restart'))
    expect(events.at(-1)).toBe('service_stopped')
    expect(messagesOf(stage.receiver)).toEqual([
      expect.stringMatching(/^self-restart: no connection was given back for \d+ s/),
    ])
    expect(await stage.rows(`select machine_id, code from machine_events where kind = 'restart'`)).toEqual([
      ['one', 'pool_stuck'],
    ])

    await using next = await stage.start()
    await expect.poll(() => sampleOf(next, 'self_restarts_total{code="pool_stuck"}')).toBe(1)
    expect(await sampleOf(next, 'self_restarts_total{code="memory_high"}')).toBe(0)
    await expect.poll(() => sampleOf(next, 'self_restart_budget_remaining')).toBe(2)
    expect(await sampleOf(next, 'machine_starts_total{kind="boot",reason="crash"}')).toBe(1)
  }, 60_000)
})

describe('a pool that is stuck by a shared fault', () => {
  it('never ends the process while its sessions wait for a lock', async () => {
    await stage.rows('begin')
    await stage.rows('lock table deep_check_writes')
    const patient = { DATABASE_LOCK_TIMEOUT_MS: '600000', DATABASE_STATEMENT_TIMEOUT_MS: '600000' }
    await using service = await stage.start({ ...waitingClients, ...patient })
    service.signal('SIGHUP')
    await service.until((answer) => codes(answer).includes('pool pool_stuck'))
    await delay(longMs)
    const answer = await service.health()
    expect(codes(answer)).toEqual(['pool pool_stuck'])
    expect(answer.body.status).toBe('degraded')
    expect(eventsOf(service)).not.toContain('self_restart')

    await stage.rows('rollback')
    await service.until(({ body }) => body.status === 'healthy')
  })

  it('never ends the process while the server hangs with every client taken', async () => {
    await using server = await startPostgresServer()
    expect((await runProgram('medio', ['migrate'], { DATABASE_URL: server.url })).code).toBe(0)
    await using service = await stage.start({ ...unseenClients, DATABASE_URL: server.url })
    await server.pause()
    service.signal('SIGHUP')
    await service.until(({ body }) => body.status === 'unhealthy')
    await delay(longMs)
    expect((await service.health('/live')).statusCode).toBe(200)
    const events = eventsOf(service)
    expect(events).not.toContain('self_restart')
    expect(events).not.toContain('self_restart_refused')
    server.resume()
  })
})
