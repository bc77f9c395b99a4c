import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { type EndedProgram, runProgram } from '../support/program.ts'
import { createTcpProxy } from '../support/tcp-proxy.ts'

let database: TestDatabase
let parent: string
beforeEach(async () => {
  database = await createTestDatabase()
  parent = await mkdtemp(join(tmpdir(), 'medio-command-'))
})
afterEach(async () => {
  await database.drop()
  await rm(parent, { recursive: true, force: true })
})

const fileOf = (id: string) => join(parent, id, 'self-restarts.json')

/** The command as the supervisor of this machine runs it. */
function permitRestart(id: string, env: Readonly<Record<string, string>> = {}): Promise<EndedProgram> {
  const variables = { NODE_ENV: 'production', DATABASE_URL: database.url, DATA_DIR: join(parent, id), ...env }
  return runProgram('medio', ['permit-restart', 'event_loop_blocked'], { ...variables, FLY_MACHINE_ID: id })
}

const linesOf = ({ stdout }: EndedProgram) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
const lastLineOf = (run: EndedProgram) => linesOf(run).at(-1)

async function recorded(): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  const { rows } = await client.query(`select machine_id, code from machine_events where kind = 'restart'`)
  await client.end()
  return rows
}

describe('medio permit-restart', () => {
  it('ends with 0 when it is permitted, and has recorded it in the database and in the file', async () => {
    const run = await permitRestart('one')
    expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: '' })
    expect(linesOf(run)).toEqual([
      expect.objectContaining({
        ...{ level: 'error', event: 'self_restart', machine: 'one', code: 'event_loop_blocked' },
        ...{ remaining: 2, recordedIn: 'database' },
      }),
    ])
    expect(await recorded()).toEqual([{ machine_id: 'one', code: 'event_loop_blocked' }])
    expect(JSON.parse(await readFile(fileOf('one'), 'utf8'))).toEqual([
      { at: expect.stringMatching(/^20.*Z$/), code: 'event_loop_blocked' },
    ])
  })

  it('run by two machines at once permits exactly one', async () => {
    const runs = await Promise.all([permitRestart('one'), permitRestart('two')])
    expect(runs.map(({ code }) => code).sort()).toEqual([0, 1])
    const refused = runs.find(({ code }) => code === 1) as EndedProgram
    expect(lastLineOf(refused)).toMatchObject({ event: 'self_restart_refused', cause: 'other_machine' })
    expect(await recorded()).toHaveLength(1)
  })

  it('ends with 1 when the budget is spent, and says why and when to ask again', async () => {
    for (let time = 0; time < 3; time++) expect((await permitRestart('one')).code).toBe(0)
    const run = await permitRestart('one')
    expect(run.code).toBe(1)
    expect(lastLineOf(run)).toMatchObject({
      ...{ level: 'error', event: 'self_restart_refused', cause: 'budget_spent' },
      msg: expect.stringMatching(/^self-restart refused: .* 3 times within the hour.*; ask again in 3[56]\d\d s$/),
    })
  })

  it('asks the file alone when the database hangs, and is answered all the same', async () => {
    const url = new URL(database.url)
    const proxy = await createTcpProxy({ port: Number(url.port) })
    url.port = String(proxy.port)
    url.password = 'hunter2'
    await proxy.set('drop')
    const begunMs = performance.now()
    const run = await permitRestart('one', { DATABASE_URL: url.href })
    // Five seconds by design; the time-outs of the pool would take twelve.
    expect(performance.now() - begunMs).toBeLessThan(10_000)
    expect(run.code).toBe(0)
    expect(linesOf(run).map(({ event }) => event)).toEqual(['restart_record_failed', 'self_restart'])
    expect(lastLineOf(run)).toMatchObject({ recordedIn: 'file' })
    expect(run.stdout + run.stderr).not.toContain('hunter2')
    await proxy.close()
  })

  it('ends with 1 when neither the database nor the file is to be had', async () => {
    await writeFile(join(parent, 'one'), 'a file is in the way')
    const run = await permitRestart('one', { DATABASE_URL: 'postgres://medio:hunter2@127.0.0.1:1/medio' })
    expect(run.code).toBe(1)
    expect(lastLineOf(run)).toMatchObject({ event: 'self_restart_refused', cause: 'no_record' })
    expect(run.stdout + run.stderr).not.toContain('hunter2')
  })

  it('ends with 1 and records nothing where it is not enabled', async () => {
    const run = await permitRestart('one', { HEALING_ENABLED: 'false' })
    expect(run.code).toBe(1)
    expect(lastLineOf(run)).toMatchObject({ level: 'warn', event: 'self_restart_refused', cause: 'not_enabled' })
    expect(await recorded()).toEqual([])
  })

  it('ends with 2 and the variables at fault when the configuration can not be used', async () => {
    const run = await permitRestart('one', { DATABASE_URL: '', HEALING_AFTER_MS: 'soon' })
    expect(run.code).toBe(2)
    expect(run.stderr).toContain('configuration: DATABASE_URL is not set')
    expect(run.stderr).toContain('configuration: HEALING_AFTER_MS')
  })

  it.each([[[]], [['boredom']], [['pool_stuck', 'memory_high']]])(
    'ends with 2 and the reasons that there are for the words %j',
    async (words) => {
      const { code, stdout, stderr } = await runProgram('medio', ['permit-restart', ...words])
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      expect(stderr).toBe('usage: medio permit-restart REASON   (event_loop_blocked, memory_high, pool_stuck)\n')
    },
  )
})
