/** What the service says of itself and of what it needs. */
import type { Alert } from './alert.ts'
import { minuteMs, secondMs, thisMachine } from './alert-texts.ts'
import type { TrialSeries } from './alert-trial.ts'

const machine = { name: 'build_info{instance="a",machine="m1",region="iad"}', well: 1, fault: 1 } as const
const onMachine = { instance: 'a', job: 'medio-backend' } as const
/** Beyond three intervals and a time-out of the slowest check (60 s, 5 s), with a margin. */
const staleAfterMs = 5 * minuteMs
/** Local checks run every 5 s, also while the service is idle: when even they are silent, the engine is. */
const engineSilentAfterMs = minuteMs

export const healthAlerts: readonly Alert[] = [
  {
    name: 'HealthCheckFailed',
    severity: 'critical',
    forMs: 2 * minuteMs,
    expr: ({ seconds }) =>
      [
        'sum by (job, instance) (health_status{status=~"unhealthy|starting"}) > 0',
        'or time() - max by (job, instance) (health_check_last_run_timestamp_seconds)',
        `  > ${seconds(engineSilentAfterMs)}`,
      ].join('\n'),
    summary: `Machine ${thisMachine} is unhealthy, does not finish its start, or has stopped checking itself`,
    description:
      'A critical check fails there. Callers get errors unless the fault is local and another machine runs. Ask its /api/health for the reasons.',
    query: 'health_check_status{instance="{{ $labels.instance }}"} < 1',
    trials: [
      {
        what: 'a machine becomes unhealthy',
        stepMs: 15 * secondMs,
        ...{ wellMs: 5 * minuteMs, faultMs: 10 * minuteMs },
        ...{ silentUntilMs: 105 * secondMs, firesAfterMs: 2 * minuteMs, resolvesAfterMs: 15 * secondMs },
        series: [
          machine,
          { name: series('health_status', 'status="unhealthy"'), well: 0, fault: 1, below: 0 },
          { name: series('health_status', 'status="degraded"'), well: 0, fault: 0, below: 1 },
        ],
        labels: [onMachine],
      },
      {
        what: 'a machine goes on starting',
        stepMs: 15 * secondMs,
        ...{ wellMs: 5 * minuteMs, faultMs: 10 * minuteMs },
        ...{ silentUntilMs: 105 * secondMs, firesAfterMs: 2 * minuteMs, resolvesAfterMs: 15 * secondMs },
        series: [
          machine,
          { name: series('health_status', 'status="starting"'), well: 0, fault: 1, below: 0 },
          { name: series('health_status', 'status="draining"'), well: 0, fault: 0, below: 1 },
        ],
        labels: [onMachine],
      },
      {
        what: 'no check of a machine has run any more',
        stepMs: 15 * secondMs,
        ...{ wellMs: 5 * minuteMs, faultMs: 10 * minuteMs },
        ...{ silentUntilMs: 2 * minuteMs, firesAfterMs: 195 * secondMs },
        // Seconds of Unix time: the trial begins at 0. Below, one check goes on.
        series: [
          machine,
          { name: series('health_check_last_run_timestamp_seconds', 'check="cpu"'), ...running(15, 0) },
          { name: series('health_check_last_run_timestamp_seconds', 'check="memory"'), ...running(15, 0), below: 0 },
        ],
        labels: [onMachine],
      },
    ],
  },
  {
    name: 'HealthDegraded',
    severity: 'warning',
    forMs: 10 * minuteMs,
    expr: () => 'sum by (job, instance) (health_status{status="degraded"}) > 0',
    summary: `Machine ${thisMachine} has been degraded for 10 minutes`,
    description:
      'A check that is not critical fails. Callers are served, with something missing. Ask its /api/health for the reasons.',
    query: 'health_check_status{instance="{{ $labels.instance }}"} < 1',
    trials: [
      {
        what: 'a machine becomes degraded',
        stepMs: 15 * secondMs,
        ...{ wellMs: 5 * minuteMs, faultMs: 20 * minuteMs },
        ...{ silentUntilMs: 585 * secondMs, firesAfterMs: 10 * minuteMs, resolvesAfterMs: 15 * secondMs },
        series: [
          machine,
          { name: series('health_status', 'status="degraded"'), well: 0, fault: 1, below: 0 },
          { name: series('health_status', 'status="healthy"'), well: 1, fault: 0, below: 1 },
        ],
        labels: [onMachine],
      },
    ],
  },
  {
    name: 'DatabaseConnectionFailed',
    severity: 'critical',
    forMs: minuteMs,
    // Rates over 5 minutes still show the outage after it: what follows from it must stay silenced so long.
    keepFiringForMs: 6 * minuteMs,
    // Shared: told by every machine that runs. One alone that can't reach it is that machine's fault, and unhealthy.
    expr: () => 'max by (job) (health_check_status{check="database"}) == 0',
    summary: 'No machine reaches Postgres',
    description:
      'Everything that needs the database fails on every machine. Is Postgres up, is it full, was its password changed?',
    query: 'health_check_status{check="database"}',
    trials: [
      {
        what: 'no machine reaches Postgres',
        stepMs: 15 * secondMs,
        ...{ wellMs: 5 * minuteMs, faultMs: 5 * minuteMs },
        ...{ silentUntilMs: 45 * secondMs, firesAfterMs: minuteMs, resolvesAfterMs: 6.5 * minuteMs },
        series: [
          { name: series('health_check_status', 'check="database"'), well: 1, fault: 0, below: 0.5 },
          { name: series('health_check_status', 'check="database"', 'b'), well: 1, fault: 0 },
        ],
        labels: [{ job: 'medio-backend' }],
      },
    ],
  },
  {
    name: 'HealthCheckStale',
    severity: 'warning',
    forMs: minuteMs,
    // A check that is idle or not configured has no status, and none to be stale.
    expr: ({ seconds }) =>
      `time() - health_check_last_run_timestamp_seconds > ${seconds(staleAfterMs)}\nand health_check_status`,
    summary: `The check {{ $labels.check }} of machine ${thisMachine} has not run for {{ $value | humanizeDuration }}`,
    description:
      'Nobody knows whether what it asks about is well. The fault is in this process and not on the other side; restart the machine if it stays.',
    query: 'time() - health_check_last_run_timestamp_seconds{check="{{ $labels.check }}"}',
    trials: [
      {
        what: 'a check has not run any more, while others do',
        stepMs: 15 * secondMs,
        ...{ wellMs: 5 * minuteMs, faultMs: 15 * minuteMs },
        ...{ silentUntilMs: 6 * minuteMs, firesAfterMs: 6.25 * minuteMs },
        series: [
          machine,
          { name: series('health_check_status', 'check="s3"'), well: 1, fault: 0 },
          { name: series('health_check_status', 'check="cpu"'), well: 1, fault: 1 },
          { name: series('health_check_last_run_timestamp_seconds', 'check="s3"'), ...running(15, 0) },
          // Below: as rarely as it may.
          { name: series('health_check_last_run_timestamp_seconds', 'check="cpu"'), ...running(15, 15) },
          // Idle: it has no status.
          { name: series('health_check_last_run_timestamp_seconds', 'check="redis"'), well: 0, fault: 0 },
        ],
        labels: [{ ...onMachine, check: 's3' }],
        value: '6m 15s',
      },
    ],
  },
]

function series(metric: string, label: string, instance = 'a'): string {
  return `${metric}{instance="${instance}",job="medio-backend",${label}}`
}

/** Times of last runs: they grow with the clock, unless the check stands still. */
function running(well: number, fault: number): Pick<TrialSeries, 'growing' | 'well' | 'fault' | 'below' | 'stays'> {
  return { growing: true, well, fault, below: well, stays: true }
}
