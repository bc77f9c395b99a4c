import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import { createJobs, type Jobs } from '../../src/history/jobs.ts'

let failed: string[] = []
let jobs: Jobs

afterEach(async () => {
  await jobs.stop()
})

function begin(): Jobs {
  failed = []
  jobs = createJobs((job, error) => failed.push(`${job}: ${String(error)}`))
  return jobs
}

it('a job that failed is told by its name, and runs again', async () => {
  let runs = 0
  begin().every(5, 'rollups', () => {
    runs += 1
    if (runs === 1) throw new Error('no')
  })
  await expect.poll(() => runs).toBeGreaterThan(2)
  expect(failed).toEqual(['rollups: Error: no'])
})

it('a job that takes long is not begun again, and keeps no other from running', async () => {
  const gate = Promise.withResolvers<void>()
  let [slow, quick] = [0, 0]
  begin().every(5, 'slow', () => {
    slow += 1
    return gate.promise
  })
  jobs.every(5, 'quick', () => {
    quick += 1
  })
  await expect.poll(() => quick).toBeGreaterThan(5)
  expect(slow).toBe(1)
  gate.resolve()
  await expect.poll(() => slow).toBeGreaterThan(1)
})

it('jobs that are stopped end what runs, say nothing of it, and never run again', async () => {
  let runs = 0
  begin().every(5, 'retention', async (signal) => {
    runs += 1
    await delay(60_000, undefined, { signal })
  })
  await expect.poll(() => runs).toBe(1)
  await jobs.stop()
  await delay(30)
  expect([runs, failed]).toEqual([1, []])
})
