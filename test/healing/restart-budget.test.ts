import { describe, expect, it } from 'vitest'
import { restartBudget, tighterBudget } from '../../src/healing/restart-budget.ts'

const minute = 60_000

describe('the budget of restarts', () => {
  it('is three an hour', () => {
    expect(restartBudget([])).toEqual({ remaining: 3, againInMs: 0 })
    expect(restartBudget([5 * minute, 59 * minute])).toEqual({ remaining: 1, againInMs: 0 })
  })

  it('is there again when the third youngest is an hour old', () => {
    expect(restartBudget([40 * minute, 5 * minute, 10 * minute])).toEqual({ remaining: 0, againInMs: 20 * minute })
    const four = [55 * minute, 40 * minute, 5 * minute, 10 * minute]
    expect(restartBudget(four)).toEqual({ remaining: 0, againInMs: 20 * minute })
  })

  it('forgets what is an hour old', () => {
    expect(restartBudget([60 * minute, 61 * minute, 500 * minute])).toEqual({ remaining: 3, againInMs: 0 })
  })

  it('is the tighter one of two records, in either order', () => {
    const spent = { remaining: 0, againInMs: 5 * minute }
    const spentForLonger = { remaining: 0, againInMs: 9 * minute }
    const left = { remaining: 2, againInMs: 0 }
    expect([tighterBudget(spent, left), tighterBudget(left, spent)]).toEqual([spent, spent])
    expect([tighterBudget(spent, spentForLonger), tighterBudget(spentForLonger, spent)]).toEqual([
      spentForLonger,
      spentForLonger,
    ])
  })
})
