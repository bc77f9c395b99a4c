import { describe, expect, it } from 'vitest'
import { alertGroups, inhibitionsOf } from '../../src/slo/alerts.ts'
import { burnAlertTable, enoughEvents, minimumBadEvents } from '../../src/slo/burn-rate-alerts.ts'
import { burnRate } from '../../src/slo/error-budget.ts'
import { objectives, windowDays } from '../../src/slo/objectives.ts'
import { promTime } from '../../src/slo/prom-time.ts'
import { seededRandom } from './seeded-random.ts'

const costs = { machineUsdPerMonth: 2, budgetUsdPerMonth: 3 }
const groups = alertGroups({ alwaysRuns: true, ...costs })
const alerts = groups.flatMap((group) => group.alerts)
const namesOf = (severity: string) => [
  ...new Set(alerts.filter((alert) => alert.severity === severity).map(({ name }) => name)),
]

describe('the alerts', () => {
  it('wake a person for these and for nothing else', () => {
    expect(namesOf('critical')).toEqual([
      'HealthCheckFailed',
      'DatabaseConnectionFailed',
      'HighErrorRate',
      'ErrorBudgetBurnFast',
      'OutsideProbeFailed',
      'MetricsAbsent',
    ])
  })

  it('leave these to business hours, and tell these to whoever cares', () => {
    expect(namesOf('warning')).toEqual([
      ...['HealthDegraded', 'HealthCheckStale', 'ElevatedResponseTime', 'PoolStuck', 'SlowQueries'],
      ...['ColdStartFrequency', 'MachineRestartRate', 'SelfHealBudgetSpent', 'CostAboveBudget'],
      ...['ErrorBudgetBurnSlow', 'MetricsCardinalityCapped', 'HistoryLost'],
    ])
    expect(namesOf('info')).toEqual(['DeploymentComplete', 'AutoScalingEvent'])
    expect(namesOf('none')).toEqual(['Watchdog'])
  })

  it('do not take silence for a fault where all machines may sleep, nor let it silence anything', () => {
    const asleep = alertGroups({ alwaysRuns: false, ...costs })
    const names = asleep.flatMap((group) => group.alerts.map(({ name }) => name))
    expect(alerts.map(({ name }) => name).filter((name) => !names.includes(name))).toEqual(['MetricsAbsent'])
    expect(inhibitionsOf(groups).map(({ cause }) => cause)).toContain('MetricsAbsent')
    expect(inhibitionsOf(asleep).map(({ cause }) => cause)).not.toContain('MetricsAbsent')
  })

  it('are silenced by causes that exist, and never by themselves or in a circle', () => {
    const names = new Set(alerts.map(({ name }) => name))
    for (const { cause, silences } of inhibitionsOf(groups)) {
      expect([cause, ...silences].filter((name) => !names.has(name))).toEqual([])
      const back = inhibitionsOf(groups).filter((other) => silences.includes(other.cause))
      expect(back.filter((other) => other.silences.includes(cause))).toEqual([])
      expect(silences).not.toContain(cause)
    }
  })

  it('say in one short line what a person has to know, without a full stop', () => {
    const wrong = alerts.filter(
      ({ summary }) => /\.$|\n/.test(summary) || summary.replaceAll(/\{\{.*?\}\}/g, 'X').length > 110,
    )
    expect(wrong.map(({ name }) => name)).toEqual([])
  })
})

describe('the burn rate alerts', () => {
  it('page and open tickets at the rates and windows of the workbook, by what they use of 30 days', () => {
    // "The Site Reliability Workbook", chapter 5, table 5-8: 2 % in 1 h, 5 % in 6 h, 10 % in 1 and in 3 days.
    const hours = { '1h': 1, '6h': 6, '1d': 24, '3d': 72 } as const
    const used = burnAlertTable.map(({ severity, rate, long, short }) => {
      const share = (rate * hours[long as keyof typeof hours]) / (windowDays * 24)
      return [severity, long, short, Number(share.toFixed(4))]
    })
    expect(used).toEqual([
      ['critical', '1h', '5m', 0.02],
      ['critical', '6h', '30m', 0.05],
      ['warning', '1d', '2h', 0.1],
      ['warning', '3d', '6h', 0.1],
    ])
  })

  it('are decided by the rate among enough events, and by the count of bad ones below', () => {
    const random = seededRandom(5)
    const reachable = burnAlertTable.flatMap(({ rate }) => objectives.map(({ target }) => ({ rate, target })))
    const cases = reachable.filter(({ rate, target }) => rate * (1 - target) < 1)
    for (const { rate, target } of cases.flatMap((each) => Array.from({ length: 500 }, () => each))) {
      const enough = enoughEvents(rate, target)
      const total = 1 + Math.floor(random() * enough * 3)
      const bad = Math.floor(random() * Math.min(total, minimumBadEvents * 4))
      const burns = (burnRate({ good: total - bad, total }, target) ?? 0) > rate
      const isMany = bad >= minimumBadEvents
      const decides = total > enough ? burns : isMany
      expect({ rate, target, total, bad, fires: burns && isMany }).toEqual({ rate, target, total, bad, fires: decides })
    }
  })
})

describe('times in PromQL', () => {
  it.each([
    [0, 1, '0s'],
    [250, 1, '250ms'],
    [90_000, 1, '1m30s'],
    [3 * 86_400_000 + 3_600_000, 1, '3d1h'],
    [300_000, 1 / 20, '15s'],
    [5_000, 1 / 20, '250ms'],
  ])('write %i ms at a scale of %f as %s', (ms, scale, text) => {
    expect(promTime(scale).span(ms)).toBe(text)
  })

  it('compare in seconds', () => {
    expect(promTime().seconds(300_000)).toBe('300')
    expect(promTime(0.05).seconds(300_000)).toBe('15')
  })
})
