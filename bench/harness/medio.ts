/** The service under test: the production bundle, every check configured, Sentry configured, logs at their default level. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort, type HttpServer, startHttpServer } from './http-server.ts'
import type { Stage } from './stage.ts'

/** The script that production runs. */
export function bundlePath(): string {
  const path = fileURLToPath(new URL('../../dist/bin/server.js', import.meta.url))
  if (!existsSync(path)) throw new Error('dist/bin/server.js is missing; run: npm run build')
  return path
}

/** The environment of a production machine; `env` wins. */
export function medioEnv(
  stage: Stage,
  ports: { http: number; metrics: number },
  env: Readonly<Record<string, string>>,
) {
  return {
    NODE_ENV: 'production',
    PORT: String(ports.http),
    METRICS_PORT: String(ports.metrics),
    DATABASE_URL: stage.databaseUrl,
    DATA_DIR: join(stage.directory, 'data'),
    DRAIN_DELAY_MS: '0',
    OPERATOR_TOKEN: 'bench-operator-token',
    COMMIT: '0123456789abcdef',
    BUILD_DATE: '2026-01-01T00:00:00Z',
    // The image has it baked in; here the first start of a run fills it.
    NODE_COMPILE_CACHE: join(stage.directory, 'compile-cache'),
    FLY_MACHINE_ID: '28715d4c671438',
    FLY_REGION: 'iad',
    ...stage.standInEnv,
    ...env,
  }
}

/**
 * Redis, object storage and external APIs left out (an empty variable is an absent one): for rows about what every
 * process costs, whose peers have no clients for them either. The database and Sentry stay configured.
 */
export const withoutRemoteServices: Readonly<Record<string, string>> = {
  REDIS_URL: '',
  AWS_ENDPOINT_URL_S3: '',
  BUCKET_NAME: '',
  AWS_ACCESS_KEY_ID: '',
  AWS_SECRET_ACCESS_KEY: '',
  EXTERNAL_APIS: '',
}

/** Resolves when every configured check is healthy: anything less would flatter the comparison. */
export async function startMedio(stage: Stage, env: Readonly<Record<string, string>> = {}): Promise<HttpServer> {
  const ports = { http: await freePort(), metrics: await freePort() }
  const server = await startHttpServer({
    args: [bundlePath()],
    port: ports.http,
    env: medioEnv(stage, ports, env),
    readyPath: '/api/health/ready',
  })
  try {
    await untilAllHealthy(server.origin, env.REDIS_URL === '')
  } catch (error) {
    await server[Symbol.asyncDispose]()
    throw error
  }
  return server
}

/** What `GET path` of a healthy service says, for peers to say the same. */
export async function answerOfMedio(stage: Stage, path: string): Promise<string> {
  await using server = await startMedio(stage)
  return await (await fetch(`${server.origin}${path}`)).text()
}

/** Resolves when every check that is configured is healthy, and every one is configured that should be. */
export async function untilAllHealthy(origin: string, someLeftOut: boolean): Promise<void> {
  const wrong = someLeftOut ? /unknown|unhealthy|degraded/ : /not configured|unknown|unhealthy|degraded/
  const deadlineMs = performance.now() + 10_000
  let body = ''
  while (performance.now() < deadlineMs) {
    body = await (await fetch(`${origin}/api/health`)).text()
    const { status, services, dependencies } = JSON.parse(body)
    if (!wrong.test(JSON.stringify([status, services, dependencies]))) return
    await pause(50)
  }
  throw new Error(`not every check that should be is configured and healthy after 10 s: ${body}`)
}
