import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { projectRoot } from '../contracts/project-files.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

const clients = 8
const answersBeforeTheEnd = 400
const boom = `data:text/javascript,process.on('SIGUSR2',()=>setImmediate(()=>{throw new Error('boom')}))`

interface Line {
  readonly event: string
  readonly requestId?: string
}

/** All that a service wrote which was asked by several clients while it got the signal, and the ids of its answers. */
async function endUnderLoad(name: NodeJS.Signals): Promise<{ output: string; answered: string[]; code: unknown }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'medio-data-'))
  const child = spawn(process.execPath, ['--import', boom, 'src/bin/server.ts'], {
    cwd: projectRoot,
    env: {
      ...{ PATH: process.env.PATH, NODE_ENV: 'test', PORT: '0', METRICS_PORT: '0' },
      ...{ DATABASE_URL: database.url, DATA_DIR: dataDir },
    },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const whole = text(child.stdout)
  const begun = Promise.withResolvers<number>()
  let early = ''
  child.stdout.on('data', (chunk) => {
    early += String(chunk)
    const port = /"event":"service_starting".*?"port":(\d+)/.exec(early)?.[1]
    if (port !== undefined && early.includes('"event":"service_ready"')) begun.resolve(Number(port))
  })
  const url = `http://127.0.0.1:${await begun.promise}/`
  const answered: string[] = []
  async function keepAsking(): Promise<void> {
    for (;;) {
      const response = await fetch(url).catch(() => undefined)
      if (response === undefined) return
      await response.arrayBuffer()
      answered.push(response.headers.get('x-request-id') ?? '')
      if (answered.length === answersBeforeTheEnd) child.kill(name)
    }
  }
  const [[code], output] = await Promise.all([
    once(child, 'exit'),
    whole,
    ...Array.from({ length: clients }, keepAsking),
  ])
  await rm(dataDir, { recursive: true, force: true })
  return { output, answered, code }
}

function linesOf(output: string): Line[] {
  const texts = output.split('\n')
  expect(texts.pop()).toBe('')
  return texts.map((line) => JSON.parse(line) as Line)
}

const unlogged = (answered: readonly string[], lines: readonly Line[]) => {
  const logged = new Set(lines.filter(({ event }) => event === 'request_completed').map(({ requestId }) => requestId))
  return answered.filter((id) => !logged.has(id))
}

describe('the log of a service that ends under load', () => {
  it('is whole JSON to its last line, has each request that was answered, and says that it stopped', async () => {
    const { output, answered, code } = await endUnderLoad('SIGINT')
    const lines = linesOf(output)
    expect(code).toBe(0)
    expect(answered.length).toBeGreaterThanOrEqual(answersBeforeTheEnd)
    expect(unlogged(answered, lines)).toEqual([])
    expect(lines.at(-1)?.event).toBe('service_stopped')
  })

  it('is whole JSON after a crash too, with the error and each request that was answered before it', async () => {
    const { output, answered, code } = await endUnderLoad('SIGUSR2')
    const lines = linesOf(output)
    expect(code).toBe(1)
    expect(answered.length).toBeGreaterThanOrEqual(answersBeforeTheEnd)
    expect(lines.filter(({ event }) => event === 'uncaught_error')).toHaveLength(1)
    expect(unlogged(answered, lines)).toEqual([])
  })
})
