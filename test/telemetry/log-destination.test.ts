import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { afterEach, expect, test } from 'vitest'

const moduleOf = (name: string) => JSON.stringify(new URL(`../../src/telemetry/${name}.ts`, import.meta.url).href)

/** The arguments of a process that logs to its standard output. */
const logging = (script: string) => [
  '--input-type=module',
  '--eval',
  `
    import { createLogger } from ${moduleOf('logger')}
    import { createLogDestination } from ${moduleOf('log-destination')}
    const base = { machine: 'm', region: 'r', version: '1' }
    const log = createLogger({ level: 'info', base, secrets: ['hunter2hunter2'], destination: createLogDestination(1) })
    const write = (count) => log.info({ event: 'request_completed', count, padding: 'ü'.repeat(count % 200) }, 'done')
    ${script}
  `,
]

const children: ChildProcess[] = []

function start(script: string) {
  const child = spawn(process.execPath, logging(script), { stdio: ['ignore', 'pipe', 'pipe'] })
  children.push(child)
  return child
}

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

async function run(script: string) {
  const child = start(script)
  const [output, , [code, signal]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  // Every line must parse: a torn one throws here.
  const lines = output.split('\n')
  expect(lines.pop()).toBe('')
  return { lines: lines.map((line) => JSON.parse(line) as { count?: number; msg: string }), code, signal }
}

const counts = (lines: readonly { count?: number }[]) => lines.map(({ count }) => count)
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index)

test('every line is written, whole and in order, when the process exits under load', async () => {
  const { lines, code } = await run(`for (let count = 0; count < 5000; count += 1) write(count); process.exit(3)`)
  expect(code).toBe(3)
  expect(counts(lines)).toEqual(upTo(5_000))
})

test('every line is written when the process crashes under load', async () => {
  const { lines, code } = await run(
    `for (let count = 0; count < 5000; count += 1) write(count); throw new Error('crash')`,
  )
  expect(code).toBe(1)
  expect(counts(lines)).toEqual(upTo(5_000))
})

test('every line is written when the process is told to stop while it logs', async () => {
  const { lines, code } = await run(`
    let count = 0
    process.once('SIGTERM', () => process.exit(0))
    const logging = setInterval(() => { for (let more = 0; more < 100; more += 1) write(count++); if (count === 3000) process.kill(process.pid, 'SIGTERM') }, 1)
    process.once('exit', () => { if (count < 3000) process.exitCode = 9 })
  `)
  expect(code).toBe(0)
  expect(lines.length).toBeGreaterThanOrEqual(3_000)
  expect(counts(lines)).toEqual(upTo(lines.length))
})

test('a warning is on the pipe at once, and with it all that came before', async () => {
  const { lines, signal } = await run(`
    write(0)
    log.warn({ event: 'slow_query', count: 1 }, 'slow')
    write(2)
    process.kill(process.pid, 'SIGKILL')
    await new Promise(() => setInterval(() => {}, 1000))
  `)
  expect(signal).toBe('SIGKILL')
  expect(counts(lines)).toEqual([0, 1])
})

test('a line below warn waits for others, but not for long', async () => {
  const child = start(`write(0); setInterval(() => {}, 1000)`)
  const [chunk] = (await once(child.stdout, 'data')) as [Buffer]
  expect((JSON.parse(chunk.toString()) as { count: number }).count).toBe(0)
  child.kill('SIGKILL')
  await once(child, 'exit')
})

test('flush writes what is gathered before it returns', async () => {
  const { lines } = await run(
    `write(0); log.flush(); process.kill(process.pid, 'SIGKILL'); await new Promise(() => setInterval(() => {}, 1000))`,
  )
  expect(counts(lines)).toEqual([0])
})

test('the process goes on when the reader of its log is gone', async () => {
  const child = start(`
    setInterval(() => log.warn({ event: 'slow_query' }, 'slow'), 1)
    setTimeout(() => process.exit(7), 300)
  `)
  await once(child.stdout, 'data')
  child.stdout.destroy()
  const [code] = await once(child, 'exit')
  expect(code).toBe(7)
})

test('the process goes on when the disk of its log is full', async () => {
  const full = openSync('/dev/full', 'w')
  const script = `for (let count = 0; count < 3; count += 1) log.warn({ event: 'slow_query' }, 'slow')
    setTimeout(() => process.exit(7), 1)`
  const child = spawn(process.execPath, logging(script), { stdio: ['ignore', full, 'ignore'] })
  const [code] = await once(child, 'exit')
  closeSync(full)
  expect(code).toBe(7)
})
