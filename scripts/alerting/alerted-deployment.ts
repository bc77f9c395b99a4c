/** What the alerts depend on beside the code: fly.toml says whether silence is a fault, the price file what hours cost. */
import prices from '../../ops/fly-prices.json' with { type: 'json' }
import { runningUsd, runningWhenIdle } from '../../src/report/machine-costs.ts'
import type { AlertedDeployment } from '../../src/slo/alerts.ts'
import { shapeOf } from '../deploy-tables.ts'

export function alertedDeployment(flyToml: string): AlertedDeployment {
  const { size, scaling } = shapeOf(flyToml)
  return {
    alwaysRuns: runningWhenIdle(scaling) > 0,
    machineUsdPerMonth: Number(runningUsd(prices.machine, size).toFixed(4)),
    budgetUsdPerMonth: prices.budget.machinesUsdPerMonth,
  }
}
