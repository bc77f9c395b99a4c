import { describe, expect, it } from 'vitest'
import { rankSum } from '../../src/statistics/rank-sum.ts'
import { random } from '../support/random.ts'

function countsOf(values: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}

const pairsAbove = (first: readonly number[], second: readonly number[]): number =>
  first.reduce((sum, a) => sum + second.reduce((inner, b) => inner + (b > a ? 1 : 0) + (b === a ? 0.5 : 0), 0), 0)

/** Over all ways to call `size` of the values the first sample: in how many U is at least as far from its middle. */
function permutedP(first: readonly number[], second: readonly number[]): number {
  const all = [...first, ...second]
  const middle = (first.length * second.length) / 2
  const seen = Math.abs(pairsAbove(first, second) - middle)
  let [asFar, ways] = [0, 0]
  for (let mask = 0; mask < 2 ** all.length; mask += 1) {
    const chosen = all.filter((_, index) => (mask >> index) & 1)
    if (chosen.length !== first.length) continue
    ways += 1
    const others = all.filter((_, index) => !((mask >> index) & 1))
    if (Math.abs(pairsAbove(chosen, others) - middle) >= seen - 1e-9) asFar += 1
  }
  return asFar / ways
}

describe('the comparison of two samples by ranks', () => {
  it('tells the share of pairs in which the second is greater, as counting them does', () => {
    const next = random(1)
    for (let round = 0; round < 50; round += 1) {
      const [first, second] = [8 + Math.floor(next() * 30), 8 + Math.floor(next() * 30)].map((count) =>
        Array.from({ length: count }, () => Math.floor(next() * 12)),
      )
      if (first === undefined || second === undefined) throw new Error('two samples')
      const expected = pairsAbove(first, second) / (first.length * second.length)
      expect(rankSum(countsOf(first), countsOf(second))?.effect).toBeCloseTo(expected, 10)
    }
  })

  it('is as likely by chance as all permutations say, ties or not', () => {
    for (const [first, second] of [
      [
        [1, 2, 3, 4, 5, 6, 7, 8],
        [3, 5, 7, 9, 11, 13, 15, 17],
      ],
      [
        [1, 1, 2, 2, 3, 3, 4, 4],
        [2, 2, 3, 3, 4, 4, 5, 5],
      ],
      [
        [1, 2, 3, 4, 5, 6, 7, 8],
        [1, 2, 3, 4, 5, 6, 7, 8],
      ],
      [
        [5, 6, 7, 8, 9, 9, 9, 30],
        [1, 2, 3, 5, 5, 6, 6, 7],
      ],
    ] as const) {
      expect(rankSum(countsOf(first), countsOf(second))?.p).toBeCloseTo(permutedP(first, second), 1)
    }
  })

  it('calls one of twenty pairs of the same distribution different, about', () => {
    const next = random(7)
    const rounds = 400
    let different = 0
    for (let round = 0; round < rounds; round += 1) {
      const [first, second] = [40, 60].map((count) =>
        countsOf(Array.from({ length: count }, () => Math.floor(next() * 50))),
      )
      if (first !== undefined && second !== undefined && (rankSum(first, second)?.p ?? 1) < 0.05) different += 1
    }
    expect(different / rounds).toBeGreaterThan(0.02)
    expect(different / rounds).toBeLessThan(0.08)
  })

  it('says that nothing differs where all values are the same', () => {
    expect(rankSum(new Map([[3, 20]]), new Map([[3, 30]]))).toEqual({ p: 1, effect: 0.5 })
  })

  it('says nothing of fewer than eight values', () => {
    expect(rankSum(new Map([[1, 7]]), new Map([[2, 100]]))).toBeNull()
  })
})
