import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Observation } from '../../src/observation/observation.ts'
import { startMachinesApi } from '../support/machines-api-stand-in.ts'
import { startMonitor } from '../support/monitor-process.ts'
import { type ProbedServer, startProbedServer } from '../support/probed-server.ts'
import { runProgram } from '../support/program.ts'

let server: ProbedServer
let gone: string
const directory = mkdtempSync(join(tmpdir(), 'medio-files-'))
const services = { database: { status: 'healthy', responseTime: 2.5 } }
const health = (status: string) => JSON.stringify({ status, version: '1.0.0', services, reasons: [] })
const healthy = () => server.answer((_request, response) => response.end(health('healthy')))
const quick = ['--interval', '400ms', '--duration', '2s', '--timeout', '2s', '--target', 'shop']

beforeAll(async () => {
  server = await startProbedServer()
  const closed = await startProbedServer()
  gone = closed.url
  await closed.close()
})
afterAll(async () => {
  await server.close()
  rmSync(directory, { recursive: true })
})
beforeEach(healthy)

function fileOf(name: string, content: string): string {
  const path = join(directory, name)
  writeFileSync(path, content)
  return path
}
const verdictOf = (json: string) => (JSON.parse(json) as { verdict: string }).verdict

describe('medio monitor', () => {
  it('probes on time, writes its files and ends with 0 when the criteria are met', async () => {
    await using monitor = startMonitor([server.url, ...quick])
    const { code, stdout, stderr } = await monitor.ended
    expect({ code, stdout: stdout.split('\n')[0] }).toEqual({ code: 0, stdout: 'shop: criteria met' })
    expect(stderr).toMatch(/^shop: 5 of 5 probes, 0 ms left; 5 ok, 0 failed; p50 \d+ ms, p95 -, p99 -\n$/)
    expect(monitor.files()).toEqual([
      ...['evidence.json', 'junit.xml', 'observations.jsonl', 'report.html', 'report.json', 'report.md'],
    ])
    const due = monitor.observations().map(({ intendedAt = '' }) => Date.parse(intendedAt))
    const steps = due.slice(1).map((ms, index) => ms - (due[index] ?? 0))
    expect(steps.map((step) => Math.round(step / 400))).toEqual([1, 1, 1, 1])
    expect(verdictOf(monitor.read('report.json'))).toBe('met')
  })

  it('ends with 1 when one is not met, and when nobody is there', async () => {
    server.answer((_request, response) => response.writeHead(503).end(health('unhealthy')))
    await using unhealthy = startMonitor([server.url, ...quick])
    await using absent = startMonitor([gone, ...quick])
    expect([(await unhealthy.ended).code, (await absent.ended).code]).toEqual([1, 1])
    expect(absent.observations().map(({ errorCode }) => errorCode)).toEqual(Array(5).fill('connection_refused'))
  })

  it('ends with 3 when it was offline itself', async () => {
    await using monitor = startMonitor([gone, ...quick, '--control', gone])
    expect((await monitor.ended).code).toBe(3)
    expect(monitor.observations().map(({ errorCode }) => errorCode)).toEqual(Array(5).fill('prober_offline'))
  })

  it('ends with 2 and every problem when it can not begin', async () => {
    const words = ['monitor', server.url, '--criteria', join(directory, 'none.json'), '--post', server.url]
    const { code, stdout, stderr } = await runProgram('medio', [...words, '--fly-app', 'shop'])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr.split('\n')).toEqual([
      expect.stringMatching(/^medio monitor: --criteria .*none\.json can't be read \(ENOENT/),
      'medio monitor: --fly-app needs FLY_API_TOKEN in the environment; make one with: fly tokens create readonly',
      "medio monitor: --post needs PROBE_TOKEN in the environment; set it to one of the service's",
      '',
    ])
  })

  it('tells its options with the problems of the command line, and alone when asked', async () => {
    const wrong = await runProgram('medio', ['monitor', '--interval', '15'])
    expect(wrong.code).toBe(2)
    expect(wrong.stderr).toMatch(
      /^medio monitor: --interval is not a duration.*\nmedio monitor: no URL is given.*\n\nusage:/,
    )
    const help = await runProgram('medio', ['monitor', '--help'])
    expect(help).toMatchObject({ code: 0, stderr: '' })
    expect(help.stdout).toMatch(/^usage: medio monitor URL\.\.\. \[options\] +probe, then report\n/)
  })

  it('is not delayed by probes that hang, and records them in their order', async () => {
    let asked = 0
    server.answer((_request, response) => {
      asked += 1
      if (asked % 2 === 0) setTimeout(() => response.end(health('healthy')), 10)
    })
    const words = ['--interval', '400ms', '--duration', '4s', '--timeout', '2s']
    await using monitor = startMonitor([server.url, ...words])
    await monitor.ended
    const observations = monitor.observations()
    expect(observations.map(({ errorCode = 'none' }) => errorCode)).toEqual(
      Array.from({ length: 10 }, (_, index) => (index % 2 === 0 ? 'response_timeout' : 'none')),
    )
    // The next one had begun before the one that hung was over.
    const overMs = observations.map(({ at, durationMs }) => Date.parse(at) + durationMs)
    const hung = observations.flatMap((_, index) => (index % 2 === 0 ? [index] : []))
    expect(hung.filter((index) => Date.parse(observations[index + 1]?.at ?? '') >= (overMs[index] ?? 0))).toEqual([])
  })

  it('that was stopped over probes counts them as missed, and fires no burst', async () => {
    await using monitor = startMonitor([server.url, '--interval', '200ms', '--duration', '10m'])
    await expect.poll(() => monitor.observations().length, { timeout: 10_000 }).toBeGreaterThanOrEqual(2)
    monitor.signal('SIGSTOP')
    await delay(3_000)
    const before = monitor.observations().length
    monitor.signal('SIGCONT')
    await expect.poll(() => monitor.observations().length, { timeout: 10_000 }).toBeGreaterThan(before)
    monitor.signal('SIGINT')
    await monitor.ended
    const { probing } = JSON.parse(monitor.read('evidence.json')) as { probing: { sent: number; missed: number } }
    expect(probing.missed).toBeGreaterThanOrEqual(13)
    expect(probing.sent).toBeLessThan(probing.missed + 10)
    const slow = monitor.observations().filter(({ durationMs }) => durationMs > 2_000)
    expect(slow).toEqual([])
  })

  it('reports on each target by itself', async () => {
    server.answer((request, response) => response.end(request.url === '/bad' ? 'no' : health('healthy')))
    const { origin } = new URL(server.url)
    const words = ['--path', '/api/health', '--path', '/bad', '--interval', '400ms', '--duration', '1200ms']
    await using monitor = startMonitor([origin, ...words])
    expect((await monitor.ended).code).toBe(1)
    const host = new URL(server.url).host.replace(':', '-')
    expect(verdictOf(monitor.read(`${host}/report.json`))).not.toBe('not_met')
    expect(verdictOf(monitor.read(`${host}-bad/report.json`))).toBe('not_met')
    expect(monitor.observations().map(({ target }) => target.endsWith('/bad'))).toEqual([
      false,
      true,
      false,
      true,
      false,
      true,
    ])
  })
})

describe('ending early', () => {
  const long = ['--interval', '200ms', '--duration', '10m']

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('by %s still writes the report', async (signal) => {
    await using monitor = startMonitor([server.url, ...long])
    await expect.poll(() => monitor.observations().length, { timeout: 10_000 }).toBeGreaterThanOrEqual(2)
    monitor.signal(signal)
    const { stderr } = await monitor.ended
    expect(stderr).toContain('ending early; the report follows')
    const { counts } = JSON.parse(monitor.read('report.json')) as { counts: { observations: number } }
    expect(counts.observations).toBe(monitor.observations().length)
    expect(monitor.read('evidence.json')).toContain('"endedEarly": true')
  })

  it('by a terminal that is closed writes the report for whoever comes later', async () => {
    await using monitor = startMonitor([server.url, ...long])
    await expect.poll(() => monitor.observations().length, { timeout: 10_000 }).toBeGreaterThanOrEqual(2)
    monitor.deafen()
    monitor.signal('SIGHUP')
    const { signal } = await monitor.ended
    expect(signal).toBeNull()
    expect(monitor.files()).toContain('report.html')
  })

  it('a second time quits at once', async () => {
    server.answer(() => undefined)
    await using metrics = await startProbedServer().then((hung) => {
      hung.answer((_request, response) => {
        // Without an end: whoever gathers evidence waits for it.
        response.write('a 1\n')
      })
      return Object.assign(hung, { [Symbol.asyncDispose]: () => hung.close() })
    })
    await using monitor = startMonitor([server.url, ...long, '--metrics', metrics.url])
    await expect.poll(() => server.connections(), { timeout: 15_000 }).toBeGreaterThan(0)
    monitor.signal('SIGINT')
    await delay(700)
    monitor.signal('SIGINT')
    expect((await monitor.ended).code).toBe(130)
    expect(monitor.files()).toEqual(['observations.jsonl'])
  })

  it('by SIGKILL loses no line that was written, and a replay reports on them', async () => {
    await using monitor = startMonitor([server.url, ...long])
    await expect.poll(() => monitor.observations().length, { timeout: 10_000 }).toBeGreaterThanOrEqual(3)
    monitor.signal('SIGKILL')
    await monitor.ended
    const kept = monitor.observations().length
    const again = await runProgram('medio', ['monitor', '--replay', join(monitor.directory, 'observations.jsonl')])
    expect(again.stderr).toBe('')
    expect(again.stdout).toContain(`${kept} observations were read.`)
  })

  it('of a run without an end goes on with what was there', async () => {
    const path = join(directory, 'forever')
    const first = startMonitor([server.url, '--interval', '200ms', '--forever'], { directory: path })
    await expect
      .poll(() => first.files().length > 0 && first.observations().length, { timeout: 10_000 })
      .toBeGreaterThan(1)
    first.signal('SIGKILL')
    await first.ended
    writeFileSync(join(path, 'observations.jsonl'), '{"at":"2026-', { flag: 'a' })
    const before = first.read('observations.jsonl').split('\n').length - 1
    await using second = startMonitor([server.url, '--interval', '200ms', '--forever'], { directory: path })
    const lines = () =>
      second
        .read('observations.jsonl')
        .split('\n')
        .filter((line) => line.endsWith('}')).length
    await expect.poll(lines, { timeout: 10_000 }).toBeGreaterThan(before + 1)
    second.signal('SIGINT')
    await second.ended
    const { counts } = JSON.parse(second.read('report.json')) as {
      counts: { observations: number; invalidLines: number }
    }
    expect(counts).toMatchObject({ observations: lines(), invalidLines: 1 })
  })
})

describe('recorded observations', () => {
  it('make the same report again, byte for byte', async () => {
    await using monitor = startMonitor([server.url, ...quick])
    await monitor.ended
    const again = startMonitor(['--replay', join(monitor.directory, 'observations.jsonl')])
    await again.ended
    const files = monitor.files()
    expect(again.files()).toEqual(files)
    for (const file of files) expect(again.read(file)).toBe(monitor.read(file))
    await again[Symbol.asyncDispose]()
  })

  it('with bad lines among them are read on, and the bad ones are told by number', async () => {
    const good = '{"at":"2026-11-22T10:00:00.000Z","durationMs":146,"statusCode":200,"healthStatus":"healthy"}'
    const path = fileOf(
      'mixed.jsonl',
      `${good}\nnot json\n\n{"at":"2026-11-22T10:00:15.000Z"}\n${good.replace('00.000', '30.000')}`,
    )
    await using replayed = startMonitor(['--replay', path])
    await replayed.ended
    const { counts } = JSON.parse(replayed.read('report.json')) as {
      counts: { observations: number; invalidLines: number }
    }
    expect(counts).toMatchObject({ observations: 2, invalidLines: 2 })
    const report = replayed.read('report.md')
    expect(report).toContain('line 2: is no JSON')
    expect(report).toContain('line 4: durationMs is missing')
  })

  it('of which none can be used end with 2', async () => {
    const path = fileOf('useless.jsonl', 'a\nb\n')
    const { code, stderr } = await runProgram('medio', ['monitor', '--replay', path])
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `medio monitor: ${path} has no usable observation; line 1: is no JSON\n`,
    })
  })

  it('of another run are not mixed with new ones', async () => {
    await using monitor = startMonitor([server.url, ...quick])
    await monitor.ended
    const before = readFileSync(join(monitor.directory, 'observations.jsonl'), 'utf8')
    const second = await runProgram('medio', ['monitor', server.url, ...quick, '--out', monitor.directory])
    expect(second.code).toBe(2)
    expect(second.stderr).toContain('holds the observations of another run; name another directory')
    expect(readFileSync(join(monitor.directory, 'observations.jsonl'), 'utf8')).toBe(before)
  })
})

describe('the machines of an app', () => {
  const token = 'FlyV1 fm2_abcdefgh'
  let api: Awaited<ReturnType<typeof startMachinesApi>>
  beforeEach(async () => {
    const events = [{ type: 'start', status: 'started', source: 'flyd' as const, timestamp: Date.now() }]
    const machine = (id: string) => ({ id, region: 'iad', state: 'started', events: [...events] })
    api = await startMachinesApi({ app: 'shop', token, machines: [machine('m1'), machine('m2')] })
  })
  afterEach(() => api.close())

  it('are probed in turn, and what Fly did to them is evidence', async () => {
    const asked: unknown[] = []
    server.answer((request, response) => {
      const machine = request.headers['fly-force-instance-id']
      asked.push(machine)
      response.setHeader('Medio-Machine', String(machine)).end(health('healthy'))
    })
    const env = { FLY_API_TOKEN: token, FLY_API_HOSTNAME: api.url.origin }
    await using monitor = startMonitor([server.url, ...quick, '--fly-app', 'shop'], { env })
    const { code, stdout, stderr } = await monitor.ended
    expect(code).toBe(0)
    expect(asked).toEqual(['m1', 'm2', 'm1', 'm2', 'm1'])
    const { machineEvents } = JSON.parse(monitor.read('evidence.json')) as {
      machineEvents: { machine: string; kind: string }[]
    }
    expect(machineEvents.map(({ machine, kind }) => `${machine} ${kind}`)).toEqual(['m1 start', 'm2 start'])
    const written = monitor.files().map((file) => monitor.read(file))
    expect([stdout, stderr, ...written].filter((each) => each.includes('fm2_abcdefgh'))).toEqual([])
  })

  it('that can not be listed end with 2, without the token', async () => {
    const env = { FLY_API_TOKEN: 'fm2_wrong', FLY_API_HOSTNAME: api.url.origin }
    const { code, stderr } = await runProgram('medio', ['monitor', server.url, '--fly-app', 'shop'], env)
    expect(code).toBe(2)
    expect(stderr).toMatch(/^medio monitor: --fly-app shop: the Machines API at \S+ answered 401 \(check FLY_API_TOKEN/)
    expect(stderr).not.toContain('fm2_wrong')
  })
})

describe('a history to post to', () => {
  it('gets every observation once, in order, with the token', async () => {
    const posted: Observation[] = []
    server.answer(async (request, response) => {
      if (request.method !== 'POST') return response.end(health('healthy'))
      expect(request.url).toBe('/api/observations')
      expect(request.headers.authorization).toBe('Bearer probe-token-0123456789')
      posted.push(...(JSON.parse(await text(request)) as Observation[]))
      return response.end('{}')
    })
    const env = { PROBE_TOKEN: 'probe-token-0123456789' }
    await using monitor = startMonitor([server.url, ...quick, '--post', new URL(server.url).origin], { env })
    await monitor.ended
    expect(posted).toEqual(monitor.observations())
    expect(posted).toHaveLength(5)
  })
})
