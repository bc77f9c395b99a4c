import { readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { startService } from '../support/service.ts'
import { type PrometheusConfig, placeWatch, startProgram, untilReady } from './watch.ts'

const root = join(import.meta.dirname, '../..')
/** Debian's names → those of the images that ops/fly/Dockerfile takes them from. */
const programs = {
  prometheus: 'prometheus',
  'prometheus-alertmanager': 'alertmanager',
  'prometheus-blackbox-exporter': 'blackbox_exporter',
} as const

let database: TestDatabase
beforeEach(async () => {
  database = await createTestDatabase()
})
afterEach(() => database.drop())

/** Debian's programs under `ops/fly/start.sh`, as on Fly: machines by a name that no DNS knows here, a probe from outside. */
async function startWatchMachine(probedUrl: string) {
  const blackboxPort = await freePort()
  const placed = await placeWatch({
    shipped: 'prometheus.fly.yml',
    alwaysRuns: false,
    aim: (config) => aimProbe(config, probedUrl, blackboxPort),
  })
  for (const [debian, image] of Object.entries(programs)) {
    await symlink(join('/usr/bin', debian), join(placed.directory, image))
  }
  const machine = startProgram('sh', [join(root, 'ops/fly/start.sh')], {
    PATH: `${placed.directory}:/usr/bin:/bin`,
    DATA: join(placed.directory, 'data'),
    BLACKBOX_CONFIG: '/etc/prometheus/blackbox.yml',
    BLACKBOX_PORT: String(blackboxPort),
    ALERTMANAGER_CONFIG: placed.alertmanager.file,
    ALERTMANAGER_PORT: String(placed.alertmanager.port),
    PROMETHEUS_CONFIG: placed.prometheus.file,
    PROMETHEUS_PORT: String(placed.prometheus.port),
  })
  await untilReady(placed.prometheus.url, [machine])
  await untilReady(placed.alertmanager.url, [machine])
  return {
    ...placed,
    ...machine,
    async [Symbol.asyncDispose]() {
      machine.child.kill('SIGTERM')
      await machine.exited
      await placed.remove()
    },
  }
}

function aimProbe(config: PrometheusConfig, url: string, blackboxPort: number): void {
  const probe = config.scrape_configs.find(({ job_name: name }) => name === 'medio-backend-outside')
  const rules = probe?.relabel_configs as { target_label: string; replacement?: string }[]
  expect(rules.at(-1)).toEqual({ target_label: '__address__', replacement: '127.0.0.1:9115' })
  Object.assign(rules.at(-1) ?? {}, { replacement: `127.0.0.1:${blackboxPort}` })
  Object.assign(probe ?? {}, { scrape_interval: '1s', scrape_timeout: '900ms', static_configs: [{ targets: [url] }] })
}

it('the watch on one machine pages when the probe from outside fails, and ends with 0 when it is asked to', {
  timeout: 240_000,
}, async () => {
  await using service = await startService({ DATABASE_URL: database.url, FLY_REGION: 'iad' })
  const url = `${service.url}/api/health`
  await service.until(({ body }) => body.status === 'healthy')
  await using watch = await startWatchMachine(url)
  const { pages, heartbeats } = watch.receivers
  // Prometheus may tell its first alerts before it knows of Alertmanager, and tells them again after a minute.
  await vi.waitUntil(() => heartbeats.length > 2, { timeout: 90_000 })
  expect(pages).toEqual([])
  service.signal('SIGKILL')
  await vi.waitUntil(() => pages.length > 0, { timeout: 60_000 })
  expect(pages[0]?.payload).toMatchObject({
    class: 'OutsideProbeFailed',
    summary: `From outside ${url} has not answered well for 5 minutes [OutsideProbeFailed]`,
  })
  watch.child.kill('SIGTERM')
  expect((await watch.exited)[0]).toBe(0)
})

it('the watch on one machine ends with 1 when one of its programs does, so that Fly starts it anew', {
  timeout: 60_000,
}, async () => {
  await using watch = await startWatchMachine('http://127.0.0.1:9/')
  const children = await readFile(`/proc/${watch.child.pid}/task/${watch.child.pid}/children`, 'utf8')
  const names = await Promise.all(
    children
      .trim()
      .split(' ')
      .map(async (pid) => [pid, (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0')[0]] as const),
  )
  const [pid] = names.find(([, name]) => name?.endsWith('alertmanager')) ?? []
  process.kill(Number(pid), 'SIGKILL')
  expect((await watch.exited)[0]).toBe(1)
  expect(watch.said()).toContain('one of prometheus, alertmanager and blackbox_exporter has ended')
})
