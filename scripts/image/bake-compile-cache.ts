/**
 * Runs in the build of the image (Dockerfile): starts the bundle as production does, so that Node.js leaves what it
 * compiled in the directory given, which it does at a normal exit only. No dependency is reachable, which ends no
 * process and delays no start beyond its deadline; the clients load all the same.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'

const [directory] = process.argv.slice(2)
if (directory === undefined) throw new Error('usage: bake-compile-cache.ts DIRECTORY')
const work = mkdtempSync(join(tmpdir(), 'bake-'))
const socketPath = join(work, 'node.sock')
const operatorToken = 'only-while-the-image-is-built'
const nowhere = '127.0.0.1:1'
const env = {
  ...process.env,
  NODE_ENV: 'production',
  NODE_COMPILE_CACHE: directory,
  SOCKET_PATH: socketPath,
  METRICS_PORT: '0',
  DATA_DIR: work,
  STARTUP_DEADLINE_MS: '1000',
  DRAIN_DELAY_MS: '0',
  DATABASE_URL: `postgres://nobody:nothing@${nowhere}/none`,
  REDIS_URL: `redis://${nowhere}`,
  AWS_ENDPOINT_URL_S3: `http://${nowhere}`,
  BUCKET_NAME: 'none',
  AWS_ACCESS_KEY_ID: 'none',
  AWS_SECRET_ACCESS_KEY: 'nothing-at-all',
  AWS_REGION: 'auto',
  SENTRY_DSN: `http://key@${nowhere}/1`,
  SENTRY_LOAD: 'after-ready',
  OTEL_EXPORTER_OTLP_ENDPOINT: `http://${nowhere}`,
  OPERATOR_TOKEN: operatorToken,
}

try {
  await bakeServer()
  // The codes of a database and a service that can't be reached.
  await bakeCommand(['migrate'], 1)
  await bakeCommand(['check', `http://${nowhere}`], 1)
  // Permitted, since nothing is known of an earlier one.
  await bakeCommand(['permit-restart', 'event_loop_blocked'], 0)
  report(directory)
} finally {
  rmSync(work, { recursive: true, force: true })
}

async function bakeServer(): Promise<void> {
  const child = spawn(process.execPath, ['dist/bin/server.js'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  const events: unknown[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    const { event } = JSON.parse(line) as { event: unknown }
    events.push(event)
    // The last of what loads behind the first answer.
    if (event !== 'tracing_started') continue
    // Deep runs every check now, which loads every client.
    for (const path of ['/api/health/deep', '/api/deployments', '/nothing']) await ask(path)
    child.kill('SIGTERM')
  }
  const [code] = await exited
  if (code !== 0) throw new Error(`the server ended with ${code} and not 0; it logged: ${events.join(', ')}`)
}

async function ask(path: string): Promise<void> {
  const sent = request({ socketPath, path, headers: { Authorization: `Bearer ${operatorToken}` } }).end()
  const [response] = await once(sent, 'response')
  response.resume()
  await once(response, 'end')
}

async function bakeCommand(words: readonly string[], expected: number): Promise<void> {
  const child = spawn(process.execPath, ['dist/bin/medio.js', ...words], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  if (code !== expected) throw new Error(`medio ${words[0]} ended with ${code} and not ${expected}: ${stdout}${stderr}`)
}

function report(directory: string): void {
  const files = (path: string) => readdirSync(path, { recursive: true, withFileTypes: true }).filter((e) => e.isFile())
  const cached = files(directory).length
  const modules = files('dist').filter(({ name }) => name.endsWith('.js')).length
  if (cached === 0) throw new Error(`Node.js cached nothing in ${directory}; it must be able to write there`)
  process.stdout.write(`compile cache: ${cached} of ${modules} modules\n`)
}
