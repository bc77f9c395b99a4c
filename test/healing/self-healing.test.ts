import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { LocalFault } from '../../src/healing/local-fault.ts'
import type { Grant, Refusal } from '../../src/healing/restart-permit.ts'
import { createSelfHealing, type SelfHealing } from '../../src/healing/self-healing.ts'

const tickMs = 5_000
const granted: Grant = { granted: true, remaining: 2, recordedIn: 'database' }
const spent: Refusal = { granted: false, cause: 'budget_spent', message: 'the budget is spent', againInMs: 60_000 }
const inTurn: Refusal = { granted: false, cause: 'other_machine', message: 'another one is at it', againInMs: 10_000 }

let memory: LocalFault | undefined
let pool: LocalFault | undefined
let answer: Grant | Refusal | Promise<Grant>
let asked: string[]
let grants: string[]
let refusals: string[]
let errors: unknown[]
let healing: SelfHealing

const fault = (code: LocalFault['code'], isLocal = true): LocalFault => ({
  ...{ code, message: `${code} for minutes` },
  isLocal: async () => isLocal,
})

beforeEach(() => {
  vi.useFakeTimers()
  memory = undefined
  pool = undefined
  answer = granted
  asked = []
  grants = []
  refusals = []
  errors = []
  healing = createSelfHealing({
    watches: [{ look: () => memory }, { look: () => pool }],
    tickMs,
    permit: {
      ask: async (code) => {
        asked.push(code)
        return answer
      },
    },
    monotonicMs: () => performance.now(),
    onGrant: ({ code }) => grants.push(code),
    onRefusal: ({ code }, { cause }) => refusals.push(`${code} ${cause}`),
    onError: (error) => errors.push(error),
  })
  healing.start()
})
afterEach(() => {
  healing.stop()
  vi.useRealTimers()
})

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

describe('self-healing', () => {
  it('asks for nothing while all is well', async () => {
    await pass(600_000)
    expect(asked).toEqual([])
    expect(healing.refused()).toBeUndefined()
  })

  it('gives up once, when it is permitted, and looks no more', async () => {
    pool = fault('pool_stuck')
    await pass(60_000)
    expect({ asked, grants }).toEqual({ asked: ['pool_stuck'], grants: ['pool_stuck'] })
  })

  it('never asks for a fault that is not of this machine alone', async () => {
    pool = fault('pool_stuck', false)
    await pass(600_000)
    expect({ asked, grants, refused: healing.refused() }).toEqual({ asked: [], grants: [], refused: undefined })
  })

  it('stays up when it is refused, says why, and asks again when the time is over', async () => {
    memory = fault('memory_high')
    answer = spent
    await pass(tickMs)
    expect(healing.refused()).toEqual({
      code: 'memory_high',
      message: 'memory_high for minutes; no restart: the budget is spent',
      inTurn: false,
    })
    await pass(spent.againInMs - tickMs)
    expect({ asked, refusals }).toEqual({ asked: ['memory_high'], refusals: ['memory_high budget_spent'] })
    await pass(2 * tickMs)
    expect(asked).toHaveLength(2)
    expect(refusals).toHaveLength(1)
    answer = granted
    await pass(spent.againInMs)
    expect(grants).toEqual(['memory_high'])
  })

  it('tells a wait for its turn apart from a refusal that needs somebody', async () => {
    pool = fault('pool_stuck')
    answer = inTurn
    await pass(tickMs)
    expect(healing.refused()?.inTurn).toBe(true)
    answer = spent
    await pass(inTurn.againInMs)
    expect(healing.refused()?.inTurn).toBe(false)
    expect(refusals).toEqual(['pool_stuck other_machine', 'pool_stuck budget_spent'])
  })

  it('forgets the refusal when the fault is gone for six looks, and tells it again when it is back', async () => {
    pool = fault('pool_stuck')
    answer = spent
    await pass(tickMs)
    pool = undefined
    await pass(5 * tickMs)
    expect(healing.refused()?.code).toBe('pool_stuck')
    await pass(tickMs)
    expect(healing.refused()).toBeUndefined()
    pool = fault('pool_stuck')
    await pass(tickMs)
    expect(refusals).toEqual(['pool_stuck budget_spent', 'pool_stuck budget_spent'])
  })

  it('takes a fault that comes and goes with each look for one', async () => {
    answer = spent
    for (let look = 0; look < 10; look++) {
      memory = look % 3 === 0 ? fault('memory_high') : undefined
      await pass(tickMs)
    }
    expect({ asked, refusals }).toEqual({ asked: ['memory_high'], refusals: ['memory_high budget_spent'] })
    expect(healing.refused()?.code).toBe('memory_high')
  })

  it('asks at once for another fault', async () => {
    pool = fault('pool_stuck')
    answer = spent
    await pass(tickMs)
    memory = fault('memory_high')
    await pass(tickMs)
    expect(asked).toEqual(['pool_stuck', 'memory_high'])
    expect(healing.refused()?.code).toBe('memory_high')
  })

  it('forgets the refusal when the fault turns out to be a shared one', async () => {
    pool = fault('pool_stuck')
    answer = spent
    await pass(tickMs)
    pool = fault('pool_stuck', false)
    await pass(spent.againInMs + tickMs)
    expect({ asked, refused: healing.refused() }).toEqual({ asked: ['pool_stuck'], refused: undefined })
  })

  it('asks for nothing once it is stopped, also when it was about to', async () => {
    const isLocal = Promise.withResolvers<boolean>()
    pool = { ...fault('pool_stuck'), isLocal: () => isLocal.promise }
    await pass(tickMs)
    healing.stop()
    isLocal.resolve(true)
    await pass(tickMs)
    expect(asked).toEqual([])
  })

  it('does not use a permission that arrives after the stop', async () => {
    const late = Promise.withResolvers<Grant>()
    pool = fault('pool_stuck')
    answer = late.promise
    await pass(tickMs)
    expect(asked).toEqual(['pool_stuck'])
    healing.stop()
    late.resolve(granted)
    await pass(tickMs)
    expect(grants).toEqual([])
  })

  it('asks one question at a time, however long the answer takes', async () => {
    let questions = 0
    const answers = Promise.withResolvers<boolean>()
    const isLocal = () => {
      questions += 1
      return answers.promise
    }
    pool = { ...fault('pool_stuck'), isLocal }
    await pass(60_000)
    expect(questions).toBe(1)
    answers.resolve(true)
    await pass(tickMs)
    expect(grants).toEqual(['pool_stuck'])
  })

  it('tells of a look that fails, and looks again', async () => {
    const mistake = new Error('a mistake of ours')
    pool = { ...fault('pool_stuck'), isLocal: () => Promise.reject(mistake) }
    await pass(tickMs)
    pool = fault('pool_stuck')
    await pass(tickMs)
    expect({ errors, grants }).toEqual({ errors: [mistake], grants: ['pool_stuck'] })
  })
})
