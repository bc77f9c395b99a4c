import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { createSideConnection, type SideConnection } from '../../src/db/side-connection.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { createTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'

let server: TestDatabase
let proxy: TcpProxy
let side: SideConnection
let observer: pg.Client

beforeAll(async () => {
  server = await createTestDatabase()
  observer = new pg.Client({ connectionString: server.url })
  await observer.connect()
})
afterAll(async () => {
  await observer.end()
  await server.drop()
})
beforeEach(async () => {
  const url = new URL(server.url)
  proxy = await createTcpProxy({ port: Number(url.port) })
  url.port = String(proxy.port)
  side = connectTo(url.href)
})
afterEach(async () => {
  await side.release()
  await proxy.close()
})

function connectTo(url: string, statementTimeoutMs = 5_000): SideConnection {
  return createSideConnection({ url, connectTimeoutMs: 5_000, statementTimeoutMs, applicationName: 'medio side' })
}

const never = new AbortController().signal
const answers = (): Promise<unknown> => side.query('select 1 as one', never)
const pid = (): Promise<unknown> => side.query('select pg_backend_pid() as pid', never)
const sessions = async (): Promise<{ pid: number; state: string; query: string }[]> => {
  const text = `select pid, state, query from pg_stat_activity where application_name = 'medio side' and datname = current_database()`
  return (await observer.query(text)).rows
}

it('opens at the first query and stays open', async () => {
  expect(await sessions()).toEqual([])
  expect(await answers()).toEqual([{ one: 1 }])
  expect(await pid()).toEqual(await pid())
  expect(proxy.connections()).toBe(1)
})

it('sends queries one after the other over its one connection', async () => {
  const all = await Promise.all([pid(), pid(), pid()])
  expect(new Set(all.map((rows) => JSON.stringify(rows))).size).toBe(1)
  expect(proxy.connections()).toBe(1)
})

it('ends an aborted statement on the server too, and the next query opens another connection', async () => {
  const abort = new AbortController()
  const outcome = expect(side.query('select pg_sleep(4)', abort.signal)).rejects.toThrow('enough')
  await expect.poll(sessions).toMatchObject([{ state: 'active', query: 'select pg_sleep(4)' }])
  abort.abort(new Error('enough'))
  await outcome
  // Well below the four seconds of the sleep.
  await expect.poll(sessions, { timeout: 2_000 }).toEqual([])
  expect(await answers()).toEqual([{ one: 1 }])
  expect(proxy.connections()).toBe(1)
})

it('lets the server end a statement that takes too long, when no word gets through', async () => {
  await side.release()
  side = connectTo(withPort(server.url, proxy.port), 200)
  await answers()
  const abort = new AbortController()
  const outcome = expect(side.query('select pg_sleep(4)', abort.signal)).rejects.toThrow('enough')
  await expect.poll(sessions).toMatchObject([{ state: 'active' }])
  await proxy.set('drop')
  abort.abort(new Error('enough'))
  await outcome
  await expect.poll(async () => (await sessions()).filter(({ state }) => state === 'active')).toEqual([])
  await proxy.set('pass')
})

it.each(['drop', 'hold'] as const)('answers again at once after bytes were caught in %s', async (mode) => {
  await answers()
  await proxy.set(mode)
  for (const attempt of ['established', 'new']) {
    const outcome = side.query('select 1', AbortSignal.timeout(100))
    await expect(outcome, attempt).rejects.toMatchObject({ name: 'TimeoutError' })
    // The one whose query was given up, or that of the cancel after it; never both.
    expect(proxy.connections(), attempt).toBeLessThanOrEqual(1)
  }
  await proxy.set('pass')
  expect(await answers()).toEqual([{ one: 1 }])
  await expect.poll(sessions).toHaveLength(1)
})

it('is told a refused connection as such, and connects when it can', async () => {
  await proxy.set('refuse')
  await expect(answers()).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  await proxy.set('pass')
  expect(await answers()).toEqual([{ one: 1 }])
})

it('does not fail for a connection that the server closed between two queries', async () => {
  await answers()
  const [session] = await sessions()
  await observer.query('select pg_terminate_backend($1)', [session?.pid])
  await expect.poll(() => proxy.connections()).toBe(0)
  expect(await answers()).toEqual([{ one: 1 }])
})

it('fails with the reason when its connection breaks under a query', async () => {
  const outcome = expect(side.query('select pg_sleep(4)', never)).rejects.toMatchObject({ code: '57P01' })
  await expect.poll(sessions).toMatchObject([{ state: 'active' }])
  const [session] = await sessions()
  await observer.query('select pg_terminate_backend($1)', [session?.pid])
  await outcome
  expect(await answers()).toEqual([{ one: 1 }])
})

it('does not connect for a query that is aborted before its turn', async () => {
  await expect(side.query('select 1', AbortSignal.abort(new Error('before')))).rejects.toThrow('before')
  expect(proxy.connections()).toBe(0)
})

it('lets its connection go, also to a server that does not answer, and opens another later', async () => {
  await answers()
  await side.release()
  await expect.poll(sessions).toEqual([])
  await answers()
  await proxy.set('hold')
  await side.release()
  await expect.poll(() => proxy.connections()).toBe(0)
  await proxy.set('pass')
  expect(await answers()).toEqual([{ one: 1 }])
})

function withPort(url: string, port: number): string {
  const changed = new URL(url)
  changed.port = String(port)
  return changed.href
}
