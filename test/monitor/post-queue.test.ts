import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createPostQueue, type PostQueue } from '../../src/monitor/post-queue.ts'
import type { Observation } from '../../src/observation/observation.ts'
import { observationId } from '../../src/observation/observation-id.ts'
import { type ProbedServer, startProbedServer } from '../support/probed-server.ts'

const token = 'probe-token-0123456789'
let server: ProbedServer
const cut = { now: new AbortController() }
beforeEach(async () => {
  server = await startProbedServer()
  cut.now = new AbortController()
})
afterEach(async () => {
  cut.now.abort()
  await server.close()
})

function observation(second: number): Observation {
  const at = new Date(Date.UTC(2026, 10, 22, 10, 0, second)).toISOString()
  const parts = { source: 'monitor', target: 'shop', at }
  return { id: observationId(parts), ...parts, durationMs: 10, statusCode: 200 }
}

const queueOf = (waitingMax?: number): PostQueue =>
  createPostQueue({ url: new URL(server.url), token, random: () => 0, ...(waitingMax !== undefined && { waitingMax }) })

/** Answers one after the other, the last one for ever; keeps what came. */
function answers(...list: [statusCode: number, body?: object, headers?: Record<string, string>][]) {
  const batches: Observation[][] = []
  const authorizations: unknown[] = []
  server.answer(async (request, response) => {
    authorizations.push(request.headers.authorization)
    const [statusCode, body = {}, headers = {}] = list[Math.min(batches.length, list.length - 1)] ?? [200]
    batches.push(JSON.parse(await text(request)) as Observation[])
    response.writeHead(statusCode, headers).end(JSON.stringify(body))
  })
  return { batches, authorizations }
}
const seconds = (batches: Observation[][]) => batches.map((batch) => batch.map(({ at }) => Number(at.slice(17, 19))))

it('observations go to the history in one batch, in order and with the token', async () => {
  const { batches, authorizations } = answers([200])
  const queue = queueOf()
  for (const second of [1, 2, 3]) queue.add(observation(second))
  expect(await queue.finish(cut.now.signal)).toEqual([])
  expect(seconds(batches)).toEqual([[1, 2, 3]])
  expect(batches[0]?.[0]).toEqual(observation(1))
  expect(authorizations).toEqual([`Bearer ${token}`])
})

it('those that come while it follows are sent without being asked for', async () => {
  const { batches } = answers([200])
  const queue = queueOf()
  const followed = queue.follow(cut.now.signal)
  queue.add(observation(1))
  await expect.poll(() => batches.length).toBe(1)
  cut.now.abort()
  await followed
})

it('a service that is away gets the same batch again, as long as it is wanted', async () => {
  const { batches } = answers([503, {}, { 'Retry-After': '0' }], [429, {}, { 'Retry-After': '0' }], [202])
  const queue = queueOf()
  queue.add(observation(1))
  expect(await queue.finish(cut.now.signal)).toEqual([])
  expect(seconds(batches)).toEqual([[1], [1], [1]])
})

it('what never arrived is told, with the reason and without the token', async () => {
  answers([401])
  const queue = queueOf()
  queue.add(observation(1))
  queue.add(observation(2))
  const told = await queue.finish(AbortSignal.timeout(200))
  expect(told).toEqual([`2 observations did not get to ${server.url}, which answered 401 (check PROBE_TOKEN).`])
  expect(told.join()).not.toContain(token)
})

it('an item that the service refuses does not keep the others from it', async () => {
  const { batches } = answers([400, { errors: [{ index: 1, field: 'machine', detail: 'is odd' }] }], [200])
  const queue = queueOf()
  for (const second of [1, 2, 3]) queue.add(observation(second))
  expect(await queue.finish(cut.now.signal)).toEqual([
    `1 observation found no place at ${server.url}, which answered 400.`,
  ])
  expect(seconds(batches)).toEqual([
    [1, 2, 3],
    [1, 3],
  ])
})

it('of more than it may keep the oldest go, and are counted', async () => {
  const { batches } = answers([200])
  const queue = queueOf(2)
  for (const second of [1, 2, 3, 4, 5]) queue.add(observation(second))
  expect(await queue.finish(cut.now.signal)).toEqual([
    `3 observations gave way to newer ones, as ${server.url} took none for too long.`,
  ])
  expect(seconds(batches)).toEqual([[4, 5]])
})

it('of those of a run before as many are sent as it may keep, and none is missed', async () => {
  const { batches } = answers([200])
  const queue = queueOf(2)
  for (const second of [1, 2, 3]) queue.addAgain(observation(second))
  expect(await queue.finish(cut.now.signal)).toEqual([])
  expect(seconds(batches)).toEqual([[2, 3]])
})

it('a batch is as long as the service takes at once, in number and in bytes', async () => {
  const { batches } = answers([200])
  const queue = queueOf()
  for (let second = 0; second < 1_002; second += 1) queue.add(observation(second))
  // Far more than any of ours, and as much as the history takes.
  const reasons = Array.from({ length: 64 }, () => ({ check: 'c'.repeat(128), code: 'x'.repeat(64) }))
  for (let second = 0; second < 70; second += 1) queue.add({ ...observation(second), reasons })
  expect(await queue.finish(cut.now.signal)).toEqual([])
  expect(batches.map(({ length }) => length)).toEqual([1_000, 66, 6])
  expect(Math.max(...batches.map((batch) => JSON.stringify(batch).length))).toBeLessThan(900_000)
})
