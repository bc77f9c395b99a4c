import { once } from 'node:events'
import { Agent, createServer, request, type ServerResponse } from 'node:http'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type InProcessService, startInProcess } from '../support/in-process-service.ts'
import { type LoopbackServer, listenOnLoopback } from '../support/loopback-server.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

/** An API that answers at once, or when the test lets it. */
function createSlowApi() {
  const waiting: ServerResponse[] = []
  let requests = 0
  let slow = false
  const server = createServer((_request, response) => {
    requests += 1
    if (slow) waiting.push(response)
    else response.end()
  })
  return {
    server,
    requests: () => requests,
    beSlow() {
      slow = true
    },
    letGo() {
      slow = false
      for (const response of waiting.splice(0)) response.end()
    },
  }
}

const api = createSlowApi()
let listening: LoopbackServer
let database: TestDatabase
let service: InProcessService

beforeAll(async () => {
  listening = await listenOnLoopback(api.server)
  database = await createTestDatabase()
  const url = `http://127.0.0.1:${listening.port}/`
  service = await startInProcess({ DATABASE_URL: database.url, EXTERNAL_APIS: `slow=${url}` })
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
  await listening.close()
  await database.drop()
})

interface DeepAnswer {
  readonly statusCode: number | undefined
  readonly ageSeconds: number
  readonly checks: Record<string, { status: string; time: string }>
}

const agent = new Agent({ keepAlive: true, maxSockets: 500 })

function ask(path: string): { sent: Promise<unknown>; answer: Promise<DeepAnswer> } {
  const outgoing = request({ port: service.port, path, agent }).end()
  const answer = once(outgoing, 'response').then(async ([response]) => {
    const body = JSON.parse(String(Buffer.concat(await response.toArray()))) as Pick<DeepAnswer, 'checks'>
    return { statusCode: response.statusCode, ageSeconds: Number(response.headers.age), checks: body.checks }
  })
  return { sent: once(outgoing, 'finish'), answer }
}

describe('a check that runs when somebody asks', () => {
  it('bothers the other side once, however many ask at once, and tells all of them the same', async () => {
    await vi.waitFor(() => expect(api.requests()).toBe(1))
    api.beSlow()
    const callers = Array.from({ length: 500 }, (_, index) =>
      ask(index % 2 === 0 ? '/api/health/deep' : '/api/health/checks/external_api:slow'),
    )
    await Promise.all(callers.map(({ sent }) => sent))
    await vi.waitFor(() => expect(api.requests()).toBe(2))
    // What is known is told all the same: nobody waits for that check who did not ask for it.
    expect((await ask('/api/health/checks/disk').answer).statusCode).toBe(200)
    api.letGo()
    const answers = await Promise.all(callers.map(({ answer }) => answer))
    expect(api.requests()).toBe(2)
    expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([200]))
    expect(new Set(answers.map(({ checks }) => checks['external_api:slow']?.time))).toHaveProperty('size', 1)
    expect(new Set(answers.map(({ ageSeconds }) => ageSeconds))).toEqual(new Set([0]))
    agent.destroy()
  })

  it('is told again with a growing age for five seconds, and then runs again', async () => {
    const path = '/api/health/checks/external_api:slow'
    const first = await ask(path).answer
    const before = api.requests()
    const aged = await vi.waitUntil(
      async () => {
        const answer = await ask(path).answer
        return answer.ageSeconds >= 2 && answer
      },
      { timeout: 6_000, interval: 100 },
    )
    expect([aged.checks, aged.ageSeconds, api.requests()]).toEqual([first.checks, 2, before])
    const fresh = await vi.waitUntil(
      async () => {
        const answer = await ask(path).answer
        return answer.ageSeconds === 0 && answer
      },
      { timeout: 8_000, interval: 100 },
    )
    expect(api.requests()).toBe(before + 1)
    const [firstAt, freshAt] = [first, fresh].map(({ checks }) => Date.parse(checks['external_api:slow']?.time ?? ''))
    expect(Number(freshAt) - Number(firstAt)).toBeGreaterThanOrEqual(5_000)
  })
})
