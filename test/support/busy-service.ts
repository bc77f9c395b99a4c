import pg from 'pg'
import { vi } from 'vitest'
import { createTestDatabase } from './postgres.ts'
import { type RunningService, startService } from './service.ts'

const operatorToken = 'operator-token-of-the-test'
const probeToken = 'probe-token-of-the-test'

export interface BusyService {
  readonly service: RunningService
  /** Requests of each kind once more: served, refused, failed, and one that users' actions are counted by. */
  traffic(): Promise<void>
  exposition(): Promise<string>
  [Symbol.asyncDispose](): Promise<void>
}

/** A service that has lived through what its metrics count: every series that a board asks for is there. */
export async function startBusyService(env: Readonly<Record<string, string>> = {}): Promise<BusyService> {
  const database = await createTestDatabase()
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  const service = await startService({
    DATABASE_URL: database.url,
    SLOW_QUERY_MS: '0',
    HEALTH_INTERVAL_MS: '500',
    HEALING_ENABLED: 'true',
    COMMIT: 'abc123def',
    FLY_MACHINE_ID: '28715d4c671438',
    FLY_REGION: 'iad',
    OPERATOR_TOKEN: operatorToken,
    PROBE_TOKEN: probeToken,
    ...env,
  })
  await service.logged('metrics_listening')
  await service.until(({ body }) => body.status === 'healthy')
  const exposition = async () => await (await fetch(service.metricsUrl)).text()
  // Read from the database behind the start, and absent before that.
  await vi.waitFor(async () => {
    const text = await exposition()
    for (const name of ['machine_starts_total{', 'self_restart_budget_remaining ']) {
      if (!text.includes(`\n${name}`)) throw new Error(`${name} is not there yet`)
    }
  }, 10_000)

  const ask = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`${service.url}${path}`, init)
    await response.arrayBuffer()
    return response.status
  }
  const post = (path: string, token: string, body: unknown) =>
    ask(path, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })

  let round = 0
  async function traffic(): Promise<void> {
    round += 1
    const statuses = [
      await ask('/'),
      await ask('/api/deployments'),
      await ask('/nothing'),
      await post('/api/deployments', operatorToken, { version: `${round}.0.0`, commit: 'def456abc' }),
      await post('/api/observations', probeToken, {
        at: new Date().toISOString(),
        durationMs: 5,
        statusCode: 200,
        healthStatus: 'healthy',
      }),
    ]
    await client.query('alter table deployments rename to hidden')
    statuses.push(await ask('/api/deployments'))
    await client.query('alter table hidden rename to deployments')
    const expected = [200, 200, 404, 201, 200, 500]
    if (String(statuses) !== String(expected)) throw new Error(`the traffic was answered with ${statuses}`)
  }
  await traffic()

  return {
    service,
    traffic,
    exposition,
    async [Symbol.asyncDispose]() {
      await service[Symbol.asyncDispose]()
      await client.end()
      await database.drop()
    },
  }
}
