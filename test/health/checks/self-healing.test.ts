import { expect, it } from 'vitest'
import type { RefusedRestart } from '../../../src/healing/self-healing.ts'
import { createSelfHealingCheck } from '../../../src/health/checks/self-healing.ts'

function run(refused: RefusedRestart | undefined) {
  return createSelfHealingCheck({ refusedRestart: () => refused }).run(new AbortController().signal)
}

it('the self-healing check is healthy while nothing waits for a restart', () => {
  expect(run(undefined)).toEqual({})
})

it('the self-healing check warns with the code of the fault while another machine has its turn', () => {
  expect(run({ code: 'pool_stuck', message: 'not now', inTurn: true })).toEqual({
    degraded: { code: 'pool_stuck', message: 'not now' },
  })
})

it('the self-healing check fails with the code of the fault when the machine may not restart itself', () => {
  const failure = expect.objectContaining({ code: 'memory_high', message: 'spent' })
  expect(() => run({ code: 'memory_high', message: 'spent', inTurn: false })).toThrow(failure)
})
