import { expect, it } from 'vitest'
import { createObjectiveCounts } from '../../src/history/objective-counts.ts'

it('gives what each objective counted since it was last asked, and leaves out those without an event', () => {
  const none = { good: 0, bad: 0 }
  const counts = { availability: { good: 9, bad: 1 }, latency: none, health: none, freshness: none, cold_start: none }
  let now: typeof counts = counts
  const take = createObjectiveCounts(() => now)
  expect(take()).toEqual([{ objective: 'availability', good: 9, total: 10 }])
  expect(take()).toEqual([])
  now = { ...counts, availability: { good: 9, bad: 3 }, health: { good: 4, bad: 0 } }
  expect(take()).toEqual([
    { objective: 'availability', good: 0, total: 2 },
    { objective: 'health', good: 4, total: 4 },
  ])
})
