/** What each machine says of itself, how fresh that is, and how machines start. */
import { board } from './board.ts'
import { figure, lines, states, table } from './panels.ts'
import { percentile, rate, selected, withMachine } from './selection.ts'

/**
 * Starts within the last hour. A counter that the database keeps goes on where it was, but a machine that slept has no
 * samples, and `increase()` does not see what lies before the first one after a gap: so its last value from before counts,
 * a day back at most. A machine unseen for longer shows 0, never all that it has ever counted.
 */
export function startsOfTheHour(...matchers: readonly string[]): string {
  const starts = selected('machine_starts_total', ...matchers)
  return `${starts} - (last_over_time(${starts}[1d] offset 1h) or ${starts})`
}

const age = `time() - ${selected('health_check_last_run_timestamp_seconds')}`

export const healthBoard = board({
  name: 'health',
  title: 'Medio: health and starts',
  description:
    'Which check fails on which machine, since when, and do machines start more often or slower than they should?',
  from: 'now-6h',
  sources: ['prometheus'],
  rows: {
    'The service now': [
      figure({
        title: 'Machines that serve',
        description: 'Healthy or degraded. 0: HealthCheckFailed pages; ask a machine with /api/health?format=text.',
        unit: 'short',
        width: 6,
        thresholds: { below: 'red', from: [[1, 'green']] },
        queries: [{ expr: `sum(${selected('health_status', 'status=~"healthy|degraded"')})` }],
      }),
      figure({
        title: 'Machines that do not',
        description: 'Unhealthy, starting or draining. For more than two minutes: look at the checks below.',
        unit: 'short',
        width: 6,
        thresholds: {
          from: [
            [1, 'yellow'],
            [2, 'red'],
          ],
        },
        queries: [{ expr: `sum(${selected('health_status', 'status!~"healthy|degraded"')})` }],
      }),
      figure({
        title: 'Oldest result of a check',
        description: 'HealthCheckStale when it is three intervals old: the engine does not turn. One minute is usual.',
        unit: 's',
        width: 6,
        thresholds: {
          from: [
            [90, 'yellow'],
            [200, 'red'],
          ],
        },
        queries: [{ expr: `max(${age})` }],
      }),
      figure({
        title: 'Restarts that healing has left',
        description: 'Of three an hour, the machine with the fewest. 0: SelfHealBudgetSpent; a person must look.',
        unit: 'short',
        width: 6,
        noValue: 'off',
        thresholds: {
          below: 'red',
          from: [
            [1, 'yellow'],
            [2, 'green'],
          ],
        },
        queries: [{ expr: `min(${selected('self_restart_budget_remaining')})` }],
      }),
    ],
    Checks: [
      states({
        title: 'Checks',
        description: 'By machine. A shared check red on all machines: the thing itself. On one: the machine.',
        unit: 'none',
        width: 24,
        height: 12,
        queries: [{ expr: withMachine(selected('health_check_status')), legend: '{{check}} {{machine}}' }],
      }),
      lines({
        title: 'Status of the service by machine',
        description: 'Which machine said it was unhealthy, starting or draining, and when.',
        unit: 'short',
        width: 12,
        queries: [
          {
            expr: withMachine(`sum by (instance, status) (${selected('health_status', 'status!="healthy"')} > 0)`),
            legend: '{{status}} {{machine}}',
          },
        ],
      }),
      lines({
        title: 'Run time of checks, 95th percentile',
        description: 'Near its time-out a check is about to fail. docs/health-api.md has the time-outs.',
        unit: 's',
        width: 12,
        queries: [{ expr: percentile(0.95, 'health_check_duration_seconds', ['check']), legend: '{{check}}' }],
      }),
      lines({
        title: 'Age of the last result',
        description: 'A saw of the height of the interval. A line that only rises: that check no longer runs.',
        unit: 's',
        width: 12,
        queries: [{ expr: `max by (check) (${age})`, legend: '{{check}}' }],
      }),
      lines({
        title: 'Runs of checks',
        description: 'How often each runs; remote ones pause when HEALTH_IDLE_AFTER_MS is set and nobody asks.',
        unit: 'ops',
        width: 12,
        queries: [{ expr: `sum by (check) (${rate('health_check_duration_seconds_count')})`, legend: '{{check}}' }],
      }),
    ],
    'Starts and cold starts': [
      lines({
        title: 'Starts within the last hour, by reason',
        description: 'wake: somebody waited (ColdStartFrequency above 10). crash, unknown: MachineRestartRate above 5.',
        unit: 'short',
        width: 12,
        stacked: true,
        queries: [{ expr: `sum by (kind, reason) (${startsOfTheHour()})`, legend: '{{kind}} {{reason}}' }],
      }),
      lines({
        title: 'Requests that met a cold start',
        description:
          'Share of those whose answer tells. Above 5 % the objective is missed: keep one more machine running.',
        unit: 'percentunit',
        width: 12,
        queries: [
          {
            expr: `sum(${rate('slo_events_total', 'objective="cold_start"', 'outcome="bad"')}) / (sum(${rate('slo_events_total', 'objective="cold_start"')}) > 0)`,
            legend: 'cold',
          },
        ],
      }),
      lines({
        title: 'Phases of the present start',
        description:
          'Wall time of each phase on average; a person may have waited for the sum. /api/health/startup has CPU.',
        unit: 's',
        width: 12,
        stacked: true,
        queries: [{ expr: `avg by (phase) (${selected('process_start_duration_seconds')})`, legend: '{{phase}}' }],
      }),
      lines({
        title: 'Uptime by machine',
        description: 'Time since the process started. Many small saws: a restart loop.',
        unit: 's',
        width: 12,
        queries: [{ expr: withMachine(`time() - ${selected('process_start_time_seconds')}`), legend: '{{machine}}' }],
      }),
      table({
        title: 'Starts since each machine was created',
        description: 'As the database has counted them; a machine that could not read it is absent.',
        unit: 'short',
        width: 12,
        queries: [{ expr: withMachine(`sum by (instance, kind, reason) (${selected('machine_starts_total')} > 0)`) }],
      }),
      lines({
        title: 'Restarts by self-healing',
        description: 'By the fault that it was for, within the last hour. Any at all: read self_restart in the log.',
        unit: 'short',
        width: 12,
        queries: [
          {
            expr: `sum by (code) (${selected('self_restarts_total')} - (last_over_time(${selected('self_restarts_total')}[1d] offset 1h) or ${selected('self_restarts_total')}))`,
            legend: '{{code}}',
          },
        ],
      }),
    ],
  },
})
