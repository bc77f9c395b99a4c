import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readLog } from '../../src/monitor/log-findings.ts'
import { startPostgresServer } from '../support/postgres.ts'
import { quickChecks, startService } from '../support/service.ts'

it('the log of a real service is read whole: its life with the phases of its start, and what the database did', async () => {
  await using postgres = await startPostgresServer()
  const service = await startService({ ...quickChecks.env, DATABASE_URL: postgres.url, FLY_MACHINE_ID: 'm1' })
  await service.until(({ body }) => body.status === 'healthy')
  await postgres.stop('immediate')
  await service.until(({ body }) => body.status === 'unhealthy')
  service.signal('SIGTERM')
  await service.exited
  const directory = mkdtempSync(join(tmpdir(), 'medio-log-'))
  const path = join(directory, 'service.log')
  writeFileSync(path, service.lines.map((line) => `${JSON.stringify(line)}\n`).join(''))

  const { findings, events } = await readLog(path, undefined)
  expect([findings.lines, findings.unreadableLines]).toEqual([service.lines.length, 0])
  expect(events.map(({ kind, machine }) => `${machine} ${kind}`)).toEqual([
    'm1 start',
    'm1 ready',
    'm1 drain',
    'm1 stop',
  ])
  const logged = service.lines.find(({ event }) => event === 'service_ready')?.phases as {
    phase: string
    wallMs: number
  }[]
  expect(logged.length).toBeGreaterThan(3)
  expect(events[1]?.phases).toEqual(Object.fromEntries(logged.map(({ phase, wallMs }) => [phase, wallMs])))
  const changes = service.lines.filter(({ event }) => event === 'health_changed').length
  expect(findings.classes.database_error.count).toBeGreaterThanOrEqual(changes)
  expect(JSON.stringify(findings)).not.toContain(postgres.url)
  rmSync(directory, { recursive: true })
  await service[Symbol.asyncDispose]()
})
