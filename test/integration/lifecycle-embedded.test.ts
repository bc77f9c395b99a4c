import { readdir, readFile, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { type RunningService, startService } from '../support/service.ts'

const dataDirs: string[] = []
afterEach(async () => {
  // Where root's data directory can't be entered by the server's account, it is a directory of its own.
  for (const dataDir of dataDirs.splice(0)) await rm(dirname(dirname(dataDir)), { recursive: true, force: true })
})

/** Every Postgres that names the service as its owner on its command line, backends included by their parent. */
async function serversOf(service: RunningService): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
  return pids.filter((_, index) => lines[index]?.split('\0').includes(`medio.owner=${service.pid}`)).map(Number)
}

async function started(service: RunningService): Promise<number> {
  const { pid, dataDir } = await service.logged('database_started', 25_000)
  dataDirs.push(String(dataDir))
  return Number(pid)
}

describe('an embedded Postgres', () => {
  it('ends with the service that is stopped', async () => {
    await using service = await startService({})
    const pid = await started(service)
    await service.logged('service_ready')
    expect((await service.health()).body.status).toBe('healthy')
    expect(await serversOf(service)).toContain(pid)
    service.signal('SIGINT')
    expect(await service.exited).toBe(0)
    expect(await serversOf(service)).toEqual([])
  })

  it('ends with the service that is killed', async () => {
    await using service = await startService({})
    const pid = await started(service)
    expect(await serversOf(service)).toContain(pid)
    service.signal('SIGKILL')
    expect(await service.exited).toBeNull()
    await expect.poll(() => serversOf(service), { timeout: 10_000 }).toEqual([])
  })

  it('is not left behind by a service that is stopped while it starts', async () => {
    await using service = await startService({})
    service.signal('SIGINT')
    expect(await service.exited).toBe(0)
    await expect.poll(() => serversOf(service), { timeout: 10_000 }).toEqual([])
    expect(service.lines.map((line) => line.event)).not.toContain('service_ready')
    for (const line of service.lines) if (line.event === 'database_started') dataDirs.push(String(line.dataDir))
  })
})
