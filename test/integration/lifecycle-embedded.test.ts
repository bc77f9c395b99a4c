import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunningService, startService } from '../support/service.ts'

/** One for all: only the first start has to make a cluster. */
let directory: string
const dataDirs = new Set<string>()
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'medio-embedded-'))
})
afterAll(async () => {
  // Where the server's account can't enter root's directory, it has one of its own.
  for (const dataDir of dataDirs) await rm(dirname(dirname(dataDir)), { recursive: true, force: true })
  await rm(directory, { recursive: true, force: true })
})

/** Every Postgres that names the service as its owner on its command line, backends included by their parent. */
async function serversOf(service: RunningService): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
  return pids.filter((_, index) => lines[index]?.split('\0').includes(`medio.owner=${service.pid}`)).map(Number)
}

async function started(service: RunningService): Promise<number> {
  const { pid, dataDir } = await service.logged('database_started', 25_000)
  dataDirs.add(String(dataDir))
  return Number(pid)
}

describe('an embedded Postgres', () => {
  it('ends with the service that is stopped', async () => {
    await using service = await startService({ DATA_DIR: directory })
    const pid = await started(service)
    await service.logged('service_ready')
    expect((await service.health()).body.status).toBe('healthy')
    expect(await serversOf(service)).toContain(pid)
    service.signal('SIGINT')
    expect(await service.exited).toBe(0)
    expect(await serversOf(service)).toEqual([])
  })

  it('ends with the service that is killed', async () => {
    await using service = await startService({ DATA_DIR: directory })
    const pid = await started(service)
    expect(await serversOf(service)).toContain(pid)
    service.signal('SIGKILL')
    expect(await service.exited).toBeNull()
    await expect.poll(() => serversOf(service), { timeout: 10_000 }).toEqual([])
  })

  it('is not left behind by a service that is stopped while it starts', async () => {
    await using service = await startService({ DATA_DIR: directory })
    service.signal('SIGINT')
    expect(await service.exited).toBe(0)
    await expect.poll(() => serversOf(service), { timeout: 10_000 }).toEqual([])
    expect(service.lines.map((line) => line.event)).not.toContain('service_ready')
    for (const line of service.lines) if (line.event === 'database_started') dataDirs.add(String(line.dataDir))
  })
})
