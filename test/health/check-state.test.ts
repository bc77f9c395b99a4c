import { describe, expect, it } from 'vitest'
import type { RunOutcome, Verdict } from '../../src/health/check-run.ts'
import { advance, type CheckState, isUnsettled, unknownState } from '../../src/health/check-state.ts'

const thresholds = { failures: 3, successes: 2 }
const verdicts: Record<string, Verdict> = { H: 'healthy', D: 'degraded', F: 'unhealthy' }

function outcome(letter: string): RunOutcome {
  const verdict = verdicts[letter] ?? 'healthy'
  const code = { healthy: undefined, degraded: 'read_only', unhealthy: 'timeout' } as const
  return { verdict, code: code[verdict], message: code[verdict], durationMs: 2 }
}

/** Runs end at 1, 2, 3, … so that `since` names the run. */
function replay(letters: string, rules = thresholds): CheckState {
  return [...letters].reduce((state, letter, index) => advance(state, outcome(letter), index + 1, rules), unknownState)
}

describe('the state of a check', () => {
  it.each([
    ['H', 'healthy', undefined, undefined, 0],
    ['F', 'unhealthy', 'timeout', 1, 1],
    ['D', 'degraded', 'read_only', 1, 1],
    ['HF', 'degraded', 'timeout', 2, 1],
    ['HFF', 'degraded', 'timeout', 2, 2],
    ['HFFF', 'unhealthy', 'timeout', 2, 3],
    ['HFH', 'degraded', 'timeout', 2, 0],
    ['HFHF', 'degraded', 'timeout', 2, 1],
    ['HFHH', 'healthy', undefined, undefined, 0],
    ['HFFFH', 'unhealthy', 'timeout', 2, 0],
    ['HFFFHF', 'unhealthy', 'timeout', 2, 1],
    ['HFFFHH', 'healthy', undefined, undefined, 0],
    ['HFFFHHF', 'degraded', 'timeout', 7, 1],
    ['HDDDDDD', 'degraded', 'read_only', 2, 6],
    ['HDDDDDF', 'degraded', 'timeout', 2, 6],
    ['HDDDFFF', 'unhealthy', 'timeout', 2, 6],
    ['HFFFD', 'unhealthy', 'read_only', 2, 4],
    ['HFFFDD', 'degraded', 'read_only', 2, 5],
    ['HFFFHD', 'degraded', 'read_only', 2, 1],
    ['HFFFDH', 'degraded', 'read_only', 2, 0],
    ['FH', 'unhealthy', 'timeout', 1, 0],
    ['FHH', 'healthy', undefined, undefined, 0],
  ])('after the runs %s is %s', (letters, status, code, since, consecutiveFailures) => {
    const state = replay(letters)
    expect([state.status, state.code, state.since, state.consecutiveFailures]).toEqual([
      status,
      code,
      since,
      consecutiveFailures,
    ])
  })

  it('lets the first run after idling decide, good or bad', () => {
    const idle: CheckState = { ...unknownState, status: 'idle' }
    expect(advance(idle, outcome('F'), 9, thresholds).status).toBe('unhealthy')
    expect(advance(idle, outcome('H'), 9, thresholds).status).toBe('healthy')
  })

  it('forgets the measurement of the run before', () => {
    const measured = advance(unknownState, { verdict: 'healthy', observedValue: 7, durationMs: 1 }, 1, thresholds)
    expect(measured.observedValue).toBe(7)
    expect(advance(measured, outcome('F'), 2, thresholds).observedValue).toBeUndefined()
  })

  it.each([
    ['H', false],
    ['HF', true],
    ['HFF', true],
    ['HFFF', false],
    ['HFFFF', false],
    ['HFFFH', true],
    ['HFFFHH', false],
    ['HFH', true],
    ['HDDDF', true],
    ['HDDD', false],
    ['F', true],
    ['FFF', false],
  ])('after the runs %s asks for a quick next run: %s', (letters, unsettled) => {
    expect(isUnsettled(replay(letters), outcome(letters.at(-1) ?? 'H').verdict, thresholds)).toBe(unsettled)
  })

  it('agrees with a plain reading of the rules over random histories and thresholds', () => {
    const random = seeded(20_261_122)
    for (let round = 0; round < 3_000; round += 1) {
      const rules = { failures: 1 + Math.floor(random() * 4), successes: 1 + Math.floor(random() * 3) }
      const letters = Array.from({ length: 1 + Math.floor(random() * 14) }, () => 'HHDFF'[Math.floor(random() * 5)])
      const history = letters.join('')
      const state = replay(history, rules)
      const label = `${history} with ${rules.failures} failures and ${rules.successes} successes`
      expect([label, state.status, state.since]).toEqual([label, ...readOff(history, rules)])
      const failedTail = history.length - history.replace(/[DF]+$/, '').length
      expect([label, state.consecutiveFailures]).toEqual([label, failedTail])
    }
  })
})

/**
 * The rules again, read off the whole history by regular expression for each prefix: a failure begins at the first
 * run that is not good and ends with `successes` good ones in a row; inside of it `unhealthy` begins with `failures`
 * failed runs in a row (or with the very first run of all, if that failed) and ends with `successes` runs in a row
 * that got an answer.
 */
function readOff(history: string, { failures, successes }: typeof thresholds): [Verdict, number | undefined] {
  const cleared = new RegExp(`^(?:H|[DF][DFH]*?H{${successes}})*`).exec(history)?.[0].length ?? 0
  const failure = history.slice(cleared)
  if (failure === '') return ['healthy', undefined]
  const since = cleared + 1
  const firstRunFailed = since === 1 && failure.startsWith('F')
  if (!failure.includes('F'.repeat(failures)) && !firstRunFailed) return ['degraded', since]
  const lastFailures = [...failure.matchAll(new RegExp(`(?=F{${failures}})`, 'g'))].at(-1)?.index
  const answers = (text: string) => new RegExp(`[HD]{${successes}}`).test(text)
  const afterLast = failure.slice(lastFailures === undefined ? 1 : lastFailures + failures)
  return [answers(afterLast) ? 'degraded' : 'unhealthy', since]
}

/** mulberry32: the same histories in every run. */
function seeded(seed: number): () => number {
  let a = seed
  return () => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
