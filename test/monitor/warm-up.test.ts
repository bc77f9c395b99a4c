import { expect, it } from 'vitest'
import { createLookup } from '../../src/monitor/lookup.ts'
import { warmUp } from '../../src/monitor/warm-up.ts'

const monotonicMs = () => performance.now()
const connections = () => process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP')).length

it('a warm-up leaves no connection behind', async () => {
  const before = connections()
  const { signal } = new AbortController()
  await warmUp({ timeoutMs: 5_000, lookup: createLookup(monotonicMs), monotonicMs, signal }, true)
  await expect.poll(connections).toBe(before)
})
