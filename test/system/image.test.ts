import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import type { BuiltImage } from '../../scripts/image/build-image.ts'
import { type Container, startContainer } from '../../scripts/image/container.ts'
import { prepareImage } from '../../scripts/image/prepare-image.ts'
import { logged, logLines, until } from '../support/image-container.ts'
import { type ImageFile, imageFiles } from '../support/image-files.ts'
import { startPostgresServer, type TestServer } from '../support/postgres.ts'

/** Debian, npm and the bundle, on a machine that does other things too. */
const buildTimeoutMs = 900_000
const facts = { version: manifest.version, commit: 'abc123def', buildDate: '2026-11-22T09:00:00Z' }
const megabyte = 1_000_000

let workDirectory: string
let image: BuiltImage
let files: ImageFile[]
let postgres: TestServer
let logs = 0

beforeAll(async () => {
  workDirectory = await mkdtemp(join(tmpdir(), 'medio-image-'))
  await chmod(workDirectory, 0o755)
  image = await prepareImage({ workDirectory, facts })
  files = imageFiles(image.root)
  postgres = await startPostgresServer()
}, buildTimeoutMs)

afterAll(async () => {
  await postgres?.[Symbol.asyncDispose]()
  await rm(workDirectory, { recursive: true, force: true })
})

/** With the database, and without the pause for a proxy that isn't there. */
function start(options: { command?: readonly string[]; env?: Readonly<Record<string, string>> } = {}) {
  const { hostname, port } = new URL(postgres.url)
  logs += 1
  return startContainer(image, {
    ...options,
    logPath: join(workDirectory, `log-${logs}`),
    ports: [Number(port)],
    env: (hostAddress) => ({
      DATABASE_URL: postgres.url.replace(hostname, hostAddress),
      DRAIN_DELAY_MS: '0',
      ...options.env,
    }),
  })
}

async function startReady(env: Readonly<Record<string, string>> = {}) {
  const container = await start({ env })
  await logged(container, 'metrics_listening')
  await until(container, 'nginx opens the port', () =>
    fetch(publicUrl(container, '/api/health/live')).catch(() => false),
  )
  return container
}

const publicUrl = (container: Container, path: string) => `http://${container.address}:5000${path}`

describe('the metadata of the image', () => {
  it('has the init alone as its entry point, the supervisor as its command, and a user by number', () => {
    expect(image.config).toMatchObject({
      entrypoint: ['tini', '-s', '--'],
      command: ['/app/dist/bin/supervise'],
      user: '1000:1000',
      workingDirectory: '/app',
      stopSignal: 'SIGINT',
      ports: ['5000/tcp', '9091/tcp'],
    })
  })

  it('sets what production needs in the environment, and no secret', () => {
    expect(image.config.env).toEqual({
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      NODE_ENV: 'production',
      NODE_OPTIONS: '--max-old-space-size=96 --max-semi-space-size=2',
      MALLOC_ARENA_MAX: '1',
      NODE_COMPILE_CACHE: '/app/compile-cache',
      SOCKET_PATH: '/run/medio/node.sock',
      DATA_DIR: '/data',
      COMMIT: facts.commit,
      BUILD_DATE: facts.buildDate,
    })
  })

  it('labels itself with version, revision and date as the OCI names them', () => {
    expect(image.config.labels).toEqual({
      'org.opencontainers.image.title': manifest.name,
      'org.opencontainers.image.description': manifest.description,
      'org.opencontainers.image.version': facts.version,
      'org.opencontainers.image.revision': facts.commit,
      'org.opencontainers.image.created': facts.buildDate,
      'io.buildah.version': expect.stringMatching(/^\d/),
    })
  })
})

describe('the files of the image', () => {
  const paths = (wanted: (file: ImageFile) => boolean) => files.filter(wanted).map(({ path }) => path)

  it('are the bundle, the migrations, the configuration of nginx and the compile cache, and no sources', () => {
    expect(paths(({ path }) => /^\/app\/[^/]+$/.test(path)).toSorted()).toEqual([
      '/app/compile-cache',
      '/app/dist',
      '/app/migrations',
      '/app/nginx.conf',
    ])
    const unwanted = /\/(node_modules|npm|npx|yarn|corepack|\.git|\.npmrc|npmrc|\.env[^/]*)$|\.tsx?$|\.test\.|\.pem$/
    expect(paths(({ path }) => unwanted.test(path) && !path.startsWith('/etc/ssl/'))).toEqual([])
    expect(paths(({ path }) => path.startsWith('/etc/nginx') || path.startsWith('/var/www'))).toEqual([])
  })

  it('belong to root and are for nobody else to write, but for two directories and the temporary ones', () => {
    const writable = ({ stats }: ImageFile) => {
      if (stats.isSymbolicLink() || stats.isCharacterDevice()) return false
      return stats.uid !== 0 || (stats.mode & 0o002) !== 0 || (stats.gid === 1000 && (stats.mode & 0o020) !== 0)
    }
    expect(paths(writable).toSorted()).toEqual(['/data', '/run/medio', '/tmp', '/var/tmp'])
  })

  it('give nobody the rights of another user', () => {
    expect(paths(({ stats }) => stats.isFile() && (stats.mode & 0o6000) !== 0)).toEqual([])
  })

  it('stay small: Node.js, Debian, and a few megabytes of ours', () => {
    const bytes = (under: string) =>
      files
        .filter(({ path, stats }) => path.startsWith(under) && stats.isFile())
        .reduce((sum, { stats }) => sum + stats.size, 0)
    expect(bytes('/app/')).toBeLessThan(10 * megabyte)
    expect(bytes('/')).toBeLessThan(250 * megabyte)
  })
})

describe('the release command', () => {
  it('replaces the command, migrates, and finds nothing to do the second time', async () => {
    await using first = await start({ command: ['medio', 'migrate'] })
    expect(await first.exited).toBe(0)
    expect(first.output()).toMatch(/^migrate: applied 0001_\S+, /)
    await using second = await start({ command: ['medio', 'migrate'] })
    expect(await second.exited).toBe(0)
    expect(second.output()).toBe('migrate: nothing to do\n')
  })
})

describe('a container with its root read-only', () => {
  let container: Container

  beforeAll(async () => {
    await using release = await start({ command: ['medio', 'migrate'] })
    expect(await release.exited).toBe(0)
    container = await startReady({ SELF_PROBE_INTERVAL_MS: '500', STATUS_PUBLIC: 'true' })
  })

  afterAll(() => container?.[Symbol.asyncDispose]())

  it('is healthy through nginx, and says what it was built of', async () => {
    const response = await fetch(publicUrl(container, '/api/health'))
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ status: 'healthy', environment: 'production', ...facts, reasons: [] })
  })

  it('probes itself through nginx, the only one that listens where it asks', async () => {
    const own = async () => {
      const response = await fetch(publicUrl(container, '/api/observations?source=self&bucket=1d'))
      const { buckets } = (await response.json()) as { buckets: { count: number; ok: number }[] }
      return buckets.reduce((sum, { count, ok }) => ({ count: sum.count + count, ok: sum.ok + ok }), {
        count: 0,
        ok: 0,
      })
    }
    await expect.poll(async () => (await own()).count, { timeout: 15_000 }).toBeGreaterThan(1)
    const { count, ok } = await own()
    expect(ok).toBe(count)
  })

  it('answers on IPv6 too', async () => {
    const script = "fetch('http://[::1]:5000/api/health/ready').then((r) => process.stdout.write(String(r.status)))"
    expect(await container.inside(['node', '-e', script])).toBe('200')
  })

  it('serves metrics on a port of their own, and not where the public is', async () => {
    const internal = await fetch(`http://${container.address}:9091/metrics`)
    expect(internal.status).toBe(200)
    expect(/^build_info\{.*$/m.exec(await internal.text())?.[0]).toContain(`commit="${facts.commit}"`)
    expect((await fetch(publicUrl(container, '/metrics'))).status).toBe(404)
  })

  it('runs the init as PID 1 and everything as the user of the image, without a capability', async () => {
    expect(await container.inside(['cat', '/proc/1/comm'])).toBe('tini\n')
    const identity = await container.inside(['sh', '-c', 'grep -hE "^(Uid|Gid|CapPrm|CapEff):" /proc/[0-9]*/status'])
    expect(
      new Set(
        identity
          .trim()
          .split('\n')
          .map((line) => line.trim()),
      ),
    ).toEqual(
      new Set([
        'Uid:\t1000\t1000\t1000\t1000',
        'Gid:\t1000\t1000\t1000\t1000',
        'CapPrm:\t0000000000000000',
        'CapEff:\t0000000000000000',
      ]),
    )
  })

  it('writes to its two directories only', async () => {
    await expect(container.inside(['touch', '/app/x'])).rejects.toThrow('Read-only file system')
    await expect(container.inside(['touch', '/tmp/x'])).rejects.toThrow('Read-only file system')
    const written = await container.inside(['find', '/run/medio', '-maxdepth', '1', '-name', 'n*'])
    expect(written.trim().split('\n').toSorted()).toEqual(['/run/medio/nginx.pid', '/run/medio/node.sock'])
    await container.inside(['touch', '/data/x'])
    expect(imageFiles(image.root).map(({ path }) => path)).toEqual(files.map(({ path }) => path))
  })

  it('reaps a process whose parent is gone', async () => {
    const orphan = (await container.inside(['sh', '-c', 'sleep 600 >/dev/null 2>&1 & echo $!'])).trim()
    expect(await container.inside(['grep', 'PPid', `/proc/${orphan}/status`])).toBe('PPid:\t1\n')
    await container.inside(['sh', '-c', `kill ${orphan}`])
    await until(container, 'the orphan is gone', async () => {
      return (await container.inside(['sh', '-c', `test -e /proc/${orphan} || echo gone`])) === 'gone\n'
    })
  })
})

describe('a container that is told to stop', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('drains, says so and ends with 0 at %s', async (signal) => {
    await using container = await startReady()
    container.signal(signal)
    expect(await container.exited).toBe(0)
    const events = logLines(container).map(({ event }) => event)
    expect(events.filter((event) => event === 'service_draining' || event === 'service_stopped')).toEqual([
      'service_draining',
      'service_stopped',
    ])
    expect(logLines(container).find(({ event }) => event === 'service_draining')).toMatchObject({ reason: signal })
    expect(container.output()).not.toMatch(/denied|\[(alert|emerg|crit|error)\]|Read-only/)
  })
})

describe('a container that loses a part', () => {
  it('ends with an error when nginx is killed', async () => {
    await using container = await startReady()
    await container.inside(['sh', '-c', 'kill -KILL "$(cat /run/medio/nginx.pid)"'])
    expect(await container.exited).toBe(1)
    expect(logLines(container).map(({ event }) => event)).toContain('nginx_exited')
  })

  it('ends with the code of Node when Node is killed', async () => {
    await using container = await startReady()
    await container.inside(['sh', '-c', 'kill -KILL "$(pidof node)"'])
    expect(await container.exited).toBe(137)
    expect(logLines(container).map(({ event }) => event)).toContain('node_exited')
  })

  it('ends with 2 and the name of what is missing when it has no database to use', async () => {
    await using container = await start({ env: { DATABASE_URL: '' } })
    expect(await container.exited).toBe(2)
    expect(container.output()).toContain('DATABASE_URL')
  })
})

describe('the compile cache of the image', () => {
  // Every client is configured, so that all that production can load is loaded.
  const everything = {
    REDIS_URL: 'redis://127.0.0.1:1',
    AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1',
    BUCKET_NAME: 'none',
    AWS_ACCESS_KEY_ID: 'access-key-id',
    AWS_SECRET_ACCESS_KEY: 'secret-access-key',
    AWS_REGION: 'auto',
    SENTRY_DSN: 'http://key@127.0.0.1:1/1',
    SENTRY_LOAD: 'after-ready',
    NODE_DEBUG_NATIVE: 'COMPILE_CACHE',
  }
  const modules = (container: Container, verdict: string) =>
    [...container.output().matchAll(new RegExp(`code cache for ESM file://(\\S+) was ${verdict}`, 'g'))].map(
      (m) => m[1],
    )

  it('spares Node.js from compiling any module of a start, though nobody may write to it', async () => {
    await using container = await startReady(everything)
    await until(container, 'Sentry is loaded', () => /sentry-client-\w+\.js was/.test(container.output()))
    container.signal('SIGTERM')
    expect(await container.exited).toBe(0)
    expect(modules(container, 'accepted').length).toBeGreaterThan(40)
    expect(modules(container, 'accepted')).toContain('/app/dist/bin/server.js')
    expect(modules(container, 'not initialized')).toEqual([])
    expect(modules(container, 'rejected')).toEqual([])
    expect(container.output()).not.toMatch(/denied|read-only/i)
  })

  it('spares the release command from it too, but for the modules that it loads once it has a database', async () => {
    await using container = await start({ command: ['medio', 'migrate'], env: { NODE_DEBUG_NATIVE: 'COMPILE_CACHE' } })
    expect(await container.exited).toBe(0)
    expect(modules(container, 'accepted')).toContain('/app/dist/bin/medio.js')
    // The library, and a module of Node's that no other part of a start needs.
    expect(modules(container, 'not initialized').map((path) => path?.replace(/-\w+\.js$/, ''))).toEqual([
      '/app/dist/chunks/bundle',
      '/app/dist/chunks/chunk',
    ])
  })
})
