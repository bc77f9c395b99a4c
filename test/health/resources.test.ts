import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createCpuSampler, createMemoryReader, readHeapMemory } from '../../src/health/resources.ts'

const mebibyte = 1_048_576
/** A host of 8,192 MiB, 2,048 of them in use. */
const meminfo = 'MemTotal:        8388608 kB\nMemFree:         1048576 kB\nMemAvailable:    6291456 kB\n'
/** cgroup v1 without a limit: the largest multiple of a page in 63 bits. */
const noLimitV1 = '9223372036854771712'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'medio-resources-'))
})
afterEach(() => rm(root, { recursive: true }))

/** A reader over the given files below `proc/` and `cgroup/`. */
async function readerOver(files: Record<string, string>, constrainedBytes: number) {
  for (const [path, text] of Object.entries({ 'proc/meminfo': meminfo, ...files })) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
  return createMemoryReader({ procRoot: join(root, 'proc'), cgroupRoot: join(root, 'cgroup'), constrainedBytes })
}

describe('the memory of a machine without a limit', () => {
  it.each([0, 18_446_744_073_709_552_000, 8_192 * mebibyte])(
    "is the VM's, total minus available, when the limit is told as %d",
    async (constrainedBytes) => {
      const read = await readerOver({}, constrainedBytes)
      expect(read()).toEqual({ usedBytes: 2_048 * mebibyte, totalBytes: 8_192 * mebibyte })
    },
  )

  it("is the operating system's figure where there is no meminfo", async () => {
    const read = createMemoryReader({ procRoot: join(root, 'none'), constrainedBytes: 0 })
    expect(read().totalBytes).toBe(totalmem())
    expect(read().usedBytes).toBeGreaterThan(0)
    expect(read().usedBytes).toBeLessThan(totalmem())
  })
})

describe('the memory of a limited cgroup v2', () => {
  const limited = (path: string) => ({
    [`cgroup${path}/memory.max`]: `${256 * mebibyte}\n`,
    [`cgroup${path}/memory.current`]: `${120 * mebibyte}\n`,
    [`cgroup${path}/memory.stat`]: `anon 1\nfile 2\ninactive_file ${20 * mebibyte}\nactive_file 3\n`,
  })
  const expected = { usedBytes: 100 * mebibyte, totalBytes: 256 * mebibyte }

  it('is the usage without the inactive file cache, against the limit', async () => {
    const read = await readerOver({ 'proc/self/cgroup': '0::/app\n', ...limited('/app') }, 256 * mebibyte)
    expect(read()).toEqual(expected)
  })

  it('is that of the parent that carries the limit', async () => {
    const files = {
      'proc/self/cgroup': '0::/pod/container/app\n',
      ...limited('/pod'),
      'cgroup/pod/container/app/memory.max': 'max\n',
      'cgroup/pod/container/app/memory.current': `${5 * mebibyte}\n`,
      'cgroup/pod/container/app/memory.stat': 'inactive_file 0\n',
    }
    const read = await readerOver(files, 256 * mebibyte)
    expect(read()).toEqual(expected)
  })

  it('is that of the outermost cgroup when two are equally tight, since the neighbours count there', async () => {
    const files = {
      'proc/self/cgroup': '0::/pod/app\n',
      ...limited('/pod'),
      ...limited('/pod/app'),
      'cgroup/pod/app/memory.current': `${60 * mebibyte}\n`,
    }
    const read = await readerOver(files, 256 * mebibyte)
    expect(read()).toEqual(expected)
  })

  it("is the process' own cgroup when the limit is not one of memory.max", async () => {
    const files = {
      'proc/self/cgroup': '0::/pod/app\n',
      ...limited('/pod/app'),
      'cgroup/pod/app/memory.max': 'max\n',
      'cgroup/pod/memory.max': 'max\n',
      'cgroup/pod/memory.current': `${900 * mebibyte}\n`,
    }
    const read = await readerOver(files, 256 * mebibyte)
    expect(read()).toEqual(expected)
  })

  it("is found at the root when the path is the host's and can't be seen", async () => {
    const read = await readerOver({ 'proc/self/cgroup': '0::/docker/0123abcd\n', ...limited('') }, 256 * mebibyte)
    expect(read()).toEqual(expected)
  })

  it('follows the usage from call to call', async () => {
    const read = await readerOver({ 'proc/self/cgroup': '0::/app\n', ...limited('/app') }, 256 * mebibyte)
    await writeFile(join(root, 'cgroup/app/memory.current'), `${220 * mebibyte}\n`)
    expect(read().usedBytes).toBe(200 * mebibyte)
  })

  it("is never the host's: without a readable usage it is this process' own", async () => {
    const read = await readerOver({ 'proc/self/cgroup': '0::/app\n' }, 256 * mebibyte)
    expect(read().totalBytes).toBe(256 * mebibyte)
    expect(read().usedBytes).toBeGreaterThan(10 * mebibyte)
    expect(read().usedBytes).toBeLessThan(2_048 * mebibyte)
  })
})

describe('the memory of a limited cgroup v1', () => {
  const limited = (path: string) => ({
    [`cgroup/memory${path}/memory.limit_in_bytes`]: `${512 * mebibyte}\n`,
    [`cgroup/memory${path}/memory.usage_in_bytes`]: `${300 * mebibyte}\n`,
    [`cgroup/memory${path}/memory.stat`]: `cache 1\ninactive_file 7\ntotal_inactive_file ${50 * mebibyte}\n`,
  })
  const expected = { usedBytes: 250 * mebibyte, totalBytes: 512 * mebibyte }

  it('is the usage of the whole tree without its inactive file cache', async () => {
    const files = { 'proc/self/cgroup': '5:cpu,cpuacct:/app\n4:memory:/app\n', ...limited('/app') }
    expect((await readerOver(files, 512 * mebibyte))()).toEqual(expected)
  })

  it('is taken from the memory controller of a machine that has both versions', async () => {
    const files = {
      'proc/self/cgroup': '9:name=systemd:/\n4:memory:/app/process\n0::/\n',
      ...limited('/app'),
      'cgroup/memory/app/process/memory.limit_in_bytes': `${noLimitV1}\n`,
      'cgroup/memory/app/process/memory.usage_in_bytes': `${9 * mebibyte}\n`,
    }
    expect((await readerOver(files, 512 * mebibyte))()).toEqual(expected)
  })

  it('is found at the root of the controller inside a container', async () => {
    const files = { 'proc/self/cgroup': '4:memory:/docker/0123abcd\n', ...limited('') }
    expect((await readerOver(files, 512 * mebibyte))()).toEqual(expected)
  })
})

describe('the memory of this very machine', () => {
  it('is a part of a total that is no more than the host has', () => {
    const { usedBytes, totalBytes } = createMemoryReader()()
    expect(totalBytes).toBeLessThanOrEqual(totalmem())
    expect(usedBytes).toBeGreaterThan(0)
    expect(usedBytes).toBeLessThan(totalBytes)
  })

  it("has V8's heap within its limit", () => {
    const { usedBytes, totalBytes } = readHeapMemory()
    expect(usedBytes).toBeGreaterThan(mebibyte)
    expect(usedBytes).toBeLessThan(totalBytes)
  })
})

describe('the CPU sampler', () => {
  function setUp(cores: number) {
    const counters = { user: 7_000, system: 3_000, atMs: 100 }
    const sample = createCpuSampler({
      cpuUsage: () => ({ user: counters.user, system: counters.system }),
      monotonicMs: () => counters.atMs,
      cores,
    })
    return { counters, sample }
  }

  it('tells user and system time since the last call, in percent of all cores', () => {
    const { counters, sample } = setUp(2)
    Object.assign(counters, { user: 307_000, system: 103_000, atMs: 1_100 })
    expect(sample()).toBeCloseTo(20, 6)
    Object.assign(counters, { user: 1_307_000, system: 1_103_000, atMs: 2_100 })
    expect(sample()).toBeCloseTo(100, 6)
  })

  it('repeats its last figure to a caller within the same millisecond', () => {
    const { counters, sample } = setUp(1)
    Object.assign(counters, { user: 507_000, atMs: 1_100 })
    expect(sample()).toBeCloseTo(50, 6)
    expect(sample()).toBeCloseTo(50, 6)
  })

  it('sees this process work', () => {
    const sample = createCpuSampler({ cores: 1 })
    const end = performance.now() + 50
    while (performance.now() < end);
    expect(sample()).toBeGreaterThan(20)
  })
})
