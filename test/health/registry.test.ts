import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { readEnv, toConfig } from '../../src/config.ts'
import type { Check } from '../../src/health/check.ts'
import { createChecks } from '../../src/health/registry.ts'

const everything = {
  REDIS_URL: 'redis://127.0.0.1:6379',
  AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9000',
  BUCKET_NAME: 'medio',
  AWS_ACCESS_KEY_ID: 'key',
  AWS_SECRET_ACCESS_KEY: 'secret',
  EXTERNAL_APIS: 'pay=http://127.0.0.1:1/,mail=http://127.0.0.1:2/',
  SENTRY_DSN: 'http://public@127.0.0.1:3/1',
  HEALING_ENABLED: 'true',
}

function checksFor(environment: Record<string, string>): Check[] {
  return createChecks({
    config: toConfig(readEnv(environment)),
    sideConnection: { query: async () => [], release: async () => undefined },
    writeThroughPool: async (_machineId, nonce) => nonce,
    poolStats: () => ({ total: 0, active: 0, idle: 0, waiting: 0, max: 10 }),
    poolPressure: () => ({ stuckForMs: 0, lastConnectError: undefined }),
    migrationStatus: async () => ({ state: 'current', missing: [], unknown: [] }),
    eventLoopLag: { last: () => undefined, running: () => undefined },
    machineMemory: () => ({ usedBytes: 1, totalBytes: 2 }),
    heapMemory: () => ({ usedBytes: 1, totalBytes: 2 }),
    refusedRestart: () => undefined,
    cpuPercent: () => 1,
    wallMs: () => 0,
    monotonicMs: () => 0,
    lastDelivery: () => ({ state: 'none' }),
  })
}

describe('the registry', () => {
  it('holds every check with its scope, and says which are critical and which may pause', () => {
    const rows = checksFor(everything).map((check) => {
      const { name, scope, critical } = check
      return [name, scope, critical ? 'critical' : '', check.configured && check.remote ? 'remote' : '']
        .join(' ')
        .trim()
    })
    expect(rows).toEqual([
      'database shared critical remote',
      'pool local',
      'migrations shared  remote',
      'redis shared  remote',
      's3 shared  remote',
      'external_api:pay shared  remote',
      'external_api:mail shared  remote',
      'event_loop local critical',
      'memory local critical',
      'self_healing local critical',
      'disk local',
      'cpu local',
      'clock local',
      'sentry shared',
    ])
  })

  it('gives no two checks one name', () => {
    const names = checksFor(everything).map((check) => check.name)
    expect(new Set(names).size).toBe(names.length)
  })

  it('says of each thing without configuration that it is not configured', () => {
    const unconfigured = checksFor({}).filter((check) => !check.configured)
    expect(unconfigured).toEqual([
      { name: 'redis', scope: 'shared', critical: false, configured: false },
      { name: 's3', scope: 'shared', critical: false, configured: false },
      { name: 'self_healing', scope: 'local', critical: true, configured: false },
      { name: 'sentry', scope: 'shared', critical: false, configured: false },
    ])
  })

  it('takes interval and time-out of each check from the configuration', () => {
    const checks = checksFor({ ...everything, HEALTH_EXTERNAL_API_INTERVAL_MS: '1234', HEALTH_REDIS_TIMEOUT_MS: '321' })
    const timings = checks.map((check) => check.configured && [check.name, check.intervalMs, check.timeoutMs].join(' '))
    expect(timings).toContain('external_api:mail 1234 5000')
    expect(timings).toContain('redis 10000 321')
    expect(timings).toContain('database 5000 2000')
  })

  it('asks a deep question of the checks that can write', () => {
    const deep = checksFor(everything).filter((check) => check.configured && check.runDeep !== undefined)
    expect(deep.map((check) => check.name)).toEqual(['database', 'redis', 's3', 'clock'])
  })

  it('loads no client library before a check runs', async () => {
    const registry = new URL('../../src/health/registry.ts', import.meta.url).href
    const script = `
      import { registerHooks } from 'node:module'
      const loaded = []
      registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context) } })
      await import(${JSON.stringify(registry)})
      console.log(JSON.stringify(loaded))`
    const cwd = fileURLToPath(new URL('../..', import.meta.url))
    const run = promisify(execFile)
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], { cwd })
    const loaded = JSON.parse(stdout) as string[]
    expect(loaded).toContain(registry)
    expect(loaded.filter((url) => url.includes('node_modules'))).toEqual([])
  })
})
