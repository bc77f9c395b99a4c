import { expect, it } from 'vitest'
import { createStartupPhases } from '../../src/lifecycle/startup-phases.ts'

it('cuts a start into phases that add up to the whole, in wall and CPU time', () => {
  let wall = 0
  let cpu = 0
  const phases = createStartupPhases(
    () => wall,
    () => cpu,
  )
  wall = 40.04
  cpu = 38
  phases.mark('boot')
  wall = 55
  cpu = 39.5
  phases.mark('listen')
  expect(phases.list()).toEqual([
    { phase: 'boot', startedMs: 0, wallMs: 40, cpuMs: 38 },
    { phase: 'listen', startedMs: 40, wallMs: 15, cpuMs: 1.5 },
  ])
  expect(phases.serverTiming()).toBe('start;dur=55')
  expect(phases.serverTimingByPhase()).toBe('boot;dur=40, listen;dur=15')
})
