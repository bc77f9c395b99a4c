import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { parts } from '../../scripts/ops/options.ts'
import { projectRoot } from '../contracts/project-files.ts'
import { freePort } from '../support/free-port.ts'
import { isOpen } from '../support/is-open.ts'
import { listenOnLoopback } from '../support/loopback-server.ts'

type Ports = Readonly<Record<(typeof parts)[number], number>>

let dataDir: string
let ports: Ports
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'medio-ops-'))
  const free = await Promise.all(parts.map(async (part) => [part, await freePort()] as const))
  ports = Object.fromEntries(free) as unknown as Ports
})
afterEach(() => rm(dataDir, { recursive: true, force: true }))

/** `path`: where programs are looked for, beside the system's own directories. */
function startOps(words: readonly string[] = [], path = '') {
  const options = parts.flatMap((part) => [`--${part}-port`, String(ports[part])])
  const all = ['scripts/ops.ts', ...options, '--data-dir', dataDir, '--scrape-seconds', '1', ...words]
  const child = spawn(process.execPath, all, {
    cwd: projectRoot,
    env: { ...process.env, PATH: `${process.env.PATH}:${path}` },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += String(chunk)
    })
  }
  return {
    child,
    output: () => output,
    exited: once(child, 'exit').then(([code]) => code as number | null),
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null) return
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}

const url = (part: keyof Ports, path: string) => `http://127.0.0.1:${ports[part]}${path}`

/** Processes that have this text among their words. */
async function processesWith(text: string): Promise<{ pid: number; words: string }[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
  const found = await Promise.all(
    pids.map(async (pid) => {
      const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
      return { pid: Number(pid), words: words.replaceAll('\0', ' ') }
    }),
  )
  return found.filter(({ words }) => words.includes(text))
}

const leftOver = () => processesWith(dataDir)

async function pidOf(text: string): Promise<number> {
  const found = await processesWith(text)
  expect(found).toHaveLength(1)
  return found[0]?.pid ?? 0
}

describe('npm run ops', () => {
  it('starts the watch, prints addresses that answer, collects the service, and ends all of it at Ctrl-C', async () => {
    await using ops = startOps()
    await vi.waitFor(() => expect(ops.output()).toContain('The watch is up'), 60_000)
    const addresses = [...ops.output().matchAll(/^ {2}\w+ +(http:\S+)/gm)].map(([, address = '']) => address)
    expect(addresses).toEqual([
      ...[url('service', '/status'), url('prometheus', ''), url('alertmanager', ''), url('metrics', '/metrics')],
    ])
    for (const address of addresses) expect((await fetch(address)).status, address).toBe(200)
    expect(ops.output()).toMatch(/grafana +is not installed/)

    const ask = async (path: string) => (await (await fetch(url('prometheus', path))).json()) as { data: never }
    await vi.waitFor(async () => {
      const { result } = (await ask('/api/v1/query?query=sum(health_status{status="healthy"})')).data as Record<
        string,
        [{ value: [number, string] }]
      >
      expect(result?.[0].value[1]).toBe('1')
    }, 20_000)
    const { activeAlertmanagers } = (await ask('/api/v1/alertmanagers')).data as Record<string, { url: string }[]>
    expect(activeAlertmanagers?.map((each) => each.url)).toEqual([url('alertmanager', '/api/v2/alerts')])

    ops.child.kill('SIGINT')
    expect(await ops.exited).toBe(0)
    const log = (await readFile(join(dataDir, 'logs/service.log'), 'utf8')).trim().split('\n')
    const stopped = log.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as { event: string })
    expect(stopped.at(-1)?.event).toBe('service_stopped')
    expect(await Promise.all(Object.values(ports).map((port) => isOpen(port)))).toEqual(parts.map(() => false))
    expect(await leftOver()).toEqual([])
  }, 120_000)

  it('ends what it has begun when it is stopped in the middle of its start', async () => {
    await using ops = startOps()
    await vi.waitFor(() => isOpen(ports.service).then((open) => expect(open).toBe(true)), 20_000)
    ops.child.kill('SIGINT')
    expect(await ops.exited).toBe(0)
    expect(await leftOver()).toEqual([])
  }, 60_000)

  it('refuses a port that is taken, by its option, before anything starts, and leaves its holder alone', async () => {
    const holder = await listenOnLoopback(createServer((_request, response) => response.end('mine')))
    await using ops = startOps(['--prometheus-port', String(holder.port)])
    expect(await ops.exited).toBe(1)
    expect(ops.output()).toBe(
      `ops: port ${holder.port} is taken; see who listens with "ss -ltnp", or give --prometheus-port another\n`,
    )
    expect(await isOpen(ports.service)).toBe(false)
    expect(await (await fetch(`http://127.0.0.1:${holder.port}/`)).text()).toBe('mine')
    await holder.close()
  })

  it('ends the rest and says which log to read when a part of it ends by itself', async () => {
    await using ops = startOps()
    await vi.waitFor(() => expect(ops.output()).toContain('The watch is up'), 60_000)
    process.kill(await pidOf(join(dataDir, 'prometheus/prometheus.yml')), 'SIGKILL')
    expect(await ops.exited).toBe(1)
    expect(ops.output()).toContain(
      `ops: prometheus ended by itself, exit code SIGKILL; see ${join(dataDir, 'logs/prometheus.log')}`,
    )
    expect(await leftOver()).toEqual([])
  }, 120_000)

  it('starts Grafana, Loki and its collector where they are installed, with the files of the project', async () => {
    const programs = join(dataDir, 'programs')
    await mkdir(programs)
    for (const [name, version, port] of [
      ['grafana', 'grafana version 12.2.0', 'GF_SERVER_HTTP_PORT'],
      ['loki', 'loki, version 3.5.5', 'LOKI_PORT'],
      ['alloy', 'alloy, version v1.11.0', ''],
    ] as const) {
      await writeFile(join(programs, name), standIn(version, port), { mode: 0o755 })
    }
    await using ops = startOps([], programs)
    await vi.waitFor(() => expect(ops.output()).toContain('The watch is up'), 60_000)
    expect(ops.output()).not.toContain('is not installed')
    const toldBy = async (address: string) => (await (await fetch(address)).json()) as StandInAnswer
    const grafana = await toldBy(url('grafana', '/api/health'))
    expect(grafana.words).toEqual(['server', '--homepath=/usr/share/grafana'])
    expect(grafana.env).toMatchObject({
      PROMETHEUS_URL: url('prometheus', ''),
      LOKI_URL: url('loki', ''),
      ALERTMANAGER_URL: url('alertmanager', ''),
      DASHBOARDS_PATH: join(projectRoot, 'ops/grafana/dashboards'),
      GF_PATHS_PROVISIONING: join(projectRoot, 'ops/grafana/provisioning'),
    })
    const loki = await toldBy(url('loki', '/ready'))
    expect(loki.words).toEqual([`-config.file=${join(projectRoot, 'ops/loki/loki.yaml')}`, '-config.expand-env=true'])
    expect(loki.env).toMatchObject({ LOKI_ADDRESS: '127.0.0.1', LOKI_DATA: join(dataDir, 'loki') })
    expect(await readdir(join(dataDir, 'alloy'))).toEqual(['file.alloy', 'pipeline.alloy'])
    const alloy = JSON.parse((await readFile(join(dataDir, 'logs/alloy.log'), 'utf8')).trim()) as StandInAnswer
    expect(alloy.words.slice(0, 2)).toEqual(['run', join(dataDir, 'alloy')])
    expect(alloy.env).toMatchObject({ LOKI_URL: url('loki', ''), LOG_FILE: join(dataDir, 'logs/service.log') })
    ops.child.kill('SIGINT')
    expect(await ops.exited).toBe(0)
    expect(await leftOver()).toEqual([])
  }, 120_000)
})

interface StandInAnswer {
  readonly words: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** Tells its version as the real one does, and over HTTP or on its output what it was started with. */
function standIn(version: string, portVariable: string): string {
  return `#!${process.execPath}
if (process.argv[2] === '--version') {
  console.log(${JSON.stringify(version)})
} else {
  const told = JSON.stringify({ words: process.argv.slice(2), env: process.env })
  const port = process.env[${JSON.stringify(portVariable)}]
  if (port === undefined) console.log(told), setInterval(() => {}, 60_000)
  else require('node:http').createServer((request, response) => response.end(told)).listen(Number(port), '127.0.0.1')
}
`
}
