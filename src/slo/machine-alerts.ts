/** Starts, stops and what machines cost. */
import type { Alert } from './alert.ts'
import { hourMs, minuteMs, secondMs, thisMachine } from './alert-texts.ts'
import { recorded } from './recording-rules.ts'

const wakesAnHour = 10
const restartsAnHour = 5
const dayMs = 24 * hourMs
const monthDays = 30

const quarterSteps = { stepMs: minuteMs, wellMs: 2 * hourMs } as const
const machine = {
  name: 'build_info{instance="a",job="medio-backend",machine="m1",region="iad"}',
  well: 1,
  fault: 1,
} as const

export interface MachineCosts {
  /** Of one machine that runs all month. */
  readonly machineUsdPerMonth: number
  /** Above it somebody is told. */
  readonly budgetUsdPerMonth: number
}

export function machineAlerts(costs: MachineCosts): readonly Alert[] {
  return [
    {
      name: 'ColdStartFrequency',
      severity: 'warning',
      forMs: 0,
      expr: () => `sum by (job) (${recorded.starts('1h')}{reason="wake"}) > ${wakesAnHour}`,
      summary: 'Machines were woken {{ $value }} times within the hour',
      description:
        'Each time a caller may have waited for it. Do machines stop too early, or is one too few for the traffic?',
      query: `sum by (instance, kind) (${recorded.starts('1h')}{reason="wake"})`,
      trials: [
        {
          what: 'eleven wakes within the hour',
          ...quarterSteps,
          faultMs: 2 * hourMs,
          ...{ firesAfterMs: minuteMs },
          series: [
            { name: starts('a', 'boot', 'wake'), well: 40, fault: 44, stays: true },
            { name: starts('b', 'resume', 'wake'), well: 7, fault: 14, below: 13, stays: true },
            { name: starts('b', 'boot', 'deploy'), well: 1, fault: 9, stays: true },
          ],
          labels: [{ job: 'medio-backend' }],
          value: '11',
        },
      ],
    },
    {
      name: 'MachineRestartRate',
      severity: 'warning',
      forMs: 0,
      expr: () => `sum by (job) (${recorded.starts('1h')}{kind="boot", reason=~"crash|unknown"}) > ${restartsAnHour}`,
      summary: 'Machines started {{ $value }} times within the hour without having been stopped',
      description:
        'They crash, are killed for memory, or restart themselves. After ten times in 5 minutes Fly leaves a machine stopped. Look at the exit code and at the last lines before the end.',
      query: `sum by (instance, reason) (${recorded.starts('1h')}{kind="boot", reason=~"crash|unknown"})`,
      trials: [
        {
          what: 'a machine crashes six times',
          ...quarterSteps,
          faultMs: 2 * hourMs,
          firesAfterMs: minuteMs,
          series: [{ name: starts('a', 'boot', 'crash'), well: 3, fault: 9, below: 8, stays: true }],
          labels: [{ job: 'medio-backend' }],
          value: '6',
        },
        {
          what: 'a machine crashes for the first time and is seen after six crashes only',
          ...quarterSteps,
          faultMs: 30 * minuteMs,
          firesAfterMs: minuteMs,
          series: [
            { name: starts('a', 'boot', 'deploy'), well: 1, fault: 1 },
            { name: starts('a', 'boot', 'crash'), well: null, fault: 6, below: 5, stays: true },
          ],
          labels: [{ job: 'medio-backend' }],
          value: '6',
        },
        {
          what: 'a machine that Prometheus has known for half an hour crashes six times',
          ...quarterSteps,
          wellMs: 30 * minuteMs,
          faultMs: 30 * minuteMs,
          firesAfterMs: minuteMs,
          // What it said first is no start of this hour: the watch is new, and not the machine.
          series: [{ name: starts('a', 'boot', 'crash'), well: 30, fault: 36, below: 35, stays: true }],
          labels: [{ job: 'medio-backend' }],
          value: '6',
        },
      ],
    },
    {
      name: 'DeploymentComplete',
      severity: 'info',
      forMs: 0,
      expr: () =>
        [
          'count by (job, version, commit) (build_info)',
          `and on (job) sum by (job) (${recorded.starts('15m')}{reason="deploy"}) > 0`,
          'and on (job) count by (job) (count by (job, version, commit) (build_info)) == 1',
        ].join('\n'),
      summary: 'Version {{ $labels.version }} ({{ $labels.commit }}) runs on every machine, {{ $value }} of them',
      description: 'All machines that run have it. Nothing is to be done.',
      query: 'count by (version, commit) (build_info)',
      trials: [
        {
          what: 'a machine comes back with another version',
          ...{ stepMs: minuteMs, wellMs: hourMs, faultMs: 30 * minuteMs },
          ...{ firesAfterMs: minuteMs },
          series: [
            { name: built('a', '1.0.0'), well: 1, fault: null, below: 1, stays: true },
            { name: built('a', '1.1.0'), well: null, fault: 1, below: null, stays: true },
            { name: starts('a', 'boot', 'deploy'), well: 3, fault: 4, below: 3, stays: true },
            { name: starts('a', 'boot', 'wake'), well: 3, fault: 4, stays: true },
          ],
          labels: [{ job: 'medio-backend', version: '1.1.0', commit: 'abc' }],
          value: '1',
        },
        {
          what: 'the second of two machines follows',
          ...{ stepMs: minuteMs, wellMs: hourMs, faultMs: 10 * minuteMs, firesAfterMs: minuteMs },
          series: [
            { name: built('a', '1.1.0'), well: 1, fault: 1 },
            { name: built('b', '1.0.0'), well: 1, fault: null, below: 1, stays: true },
            { name: built('b', '1.1.0'), well: null, fault: 1, below: null, stays: true },
            { name: starts('b', 'boot', 'deploy'), well: 3, fault: 4, stays: true },
          ],
          labels: [{ job: 'medio-backend', version: '1.1.0', commit: 'abc' }],
          value: '2',
        },
      ],
    },
    {
      name: 'AutoScalingEvent',
      severity: 'info',
      // Longer than a restart or a deploy takes a machine away.
      forMs: minuteMs,
      expr: ({ span }) => {
        const running = (at = '') => `(count(up{job="medio-backend"}${at} == 1) or vector(0))`
        return `${running()}\n!= ${running(` offset ${span(10 * minuteMs)}`)}`
      },
      summary: '{{ $value }} machines run, and ten minutes ago it was another number',
      description:
        "Fly's proxy started or stopped machines for the traffic, or somebody scaled. Nothing is to be done.",
      query: 'count(up{job="medio-backend"} == 1)',
      trials: [
        {
          what: 'a second machine is started',
          ...{ stepMs: 15 * secondMs, wellMs: 30 * minuteMs, faultMs: 30 * minuteMs },
          ...{ silentUntilMs: 45 * secondMs, firesAfterMs: minuteMs },
          series: [
            { name: 'up{instance="a",job="medio-backend"}', well: 1, fault: 1 },
            { name: 'up{instance="b",job="medio-backend"}', well: null, fault: 1, below: null, stays: true },
          ],
          value: '2',
        },
        {
          what: 'the last machine goes to sleep',
          ...{ stepMs: 15 * secondMs, wellMs: 30 * minuteMs, faultMs: 30 * minuteMs },
          ...{ silentUntilMs: 45 * secondMs, firesAfterMs: minuteMs },
          series: [{ name: 'up{instance="a",job="medio-backend"}', well: 1, fault: 0, below: 1, stays: true }],
          value: '0',
        },
      ],
    },
    {
      name: 'SelfHealBudgetSpent',
      severity: 'warning',
      forMs: 0,
      expr: () => 'self_restart_budget_remaining == 0',
      summary: `Machine ${thisMachine} has restarted itself three times within the hour and may not again`,
      description:
        'A local fault comes back after each restart: memory, a blocked event loop or a stuck pool. With the next one the machine stays up and is unhealthy.',
      query: 'self_restarts_total{instance="{{ $labels.instance }}"}',
      trials: [
        {
          what: 'the budget of restarts is spent',
          ...{ stepMs: 15 * secondMs, wellMs: 5 * minuteMs, faultMs: 10 * minuteMs },
          ...{ firesAfterMs: 0, resolvesAfterMs: 15 * secondMs },
          series: [
            machine,
            { name: 'self_restart_budget_remaining{instance="a",job="medio-backend"}', well: 3, fault: 0, below: 1 },
          ],
          labels: [{ instance: 'a', job: 'medio-backend' }],
        },
      ],
    },
    costAboveBudget(costs),
  ]
}

function costAboveBudget({ machineUsdPerMonth, budgetUsdPerMonth }: MachineCosts): Alert {
  const machines = budgetUsdPerMonth / machineUsdPerMonth
  const stepMs = 10 * minuteMs
  // Of three machines so much each, to come to a tenth above the budget and to a tenth below it.
  const secondsPerStep = (share: number) => Math.round(((machines * share) / 3) * (stepMs / 1_000))
  return {
    name: 'CostAboveBudget',
    severity: 'warning',
    forMs: hourMs,
    // Not `increase()`: a machine that sleeps most of the day has few samples, from which it would extrapolate.
    expr: ({ span, seconds }) => {
      const day = span(dayMs)
      const ran = `max_over_time(machine_running_seconds_total[${day}]) - min_over_time(machine_running_seconds_total[${day}])`
      return `sum by (job) (${ran}) / ${seconds(dayMs)} * ${machineUsdPerMonth} > ${budgetUsdPerMonth}`
    },
    summary: `Machines cost \${{ $value | printf "%.2f" }} a month at the rate of the last day; the budget is $${budgetUsdPerMonth}`,
    description: `Counted are running seconds over ${monthDays} days at the prices of ops/fly-prices.json. What keeps machines awake: traffic, a probe, or one that never stops?`,
    query: 'sum by (instance) (increase(machine_running_seconds_total[1d])) / 86400',
    trials: [
      {
        what: 'three machines run a tenth too much for the budget',
        ...{ stepMs, wellMs: 26 * hourMs, faultMs: 30 * hourMs },
        ...{ silentUntilMs: 12 * hourMs, firesAfterMs: 26 * hourMs, resolvesAfterMs: 12 * hourMs },
        series: ['a', 'b', 'c'].map((instance) => ({
          name: `machine_running_seconds_total{instance="${instance}",job="medio-backend"}`,
          growing: true,
          ...{ well: 0, fault: secondsPerStep(1.1), below: secondsPerStep(0.9) },
        })),
        labels: [{ job: 'medio-backend' }],
        value: (((3 * secondsPerStep(1.1)) / (stepMs / 1_000)) * machineUsdPerMonth).toFixed(2),
      },
    ],
  }
}

function starts(instance: string, kind: string, reason: string): string {
  return `machine_starts_total{instance="${instance}",job="medio-backend",kind="${kind}",reason="${reason}"}`
}

function built(instance: string, version: string): string {
  return `build_info{commit="abc",instance="${instance}",job="medio-backend",machine="${instance}",region="iad",version="${version}"}`
}
