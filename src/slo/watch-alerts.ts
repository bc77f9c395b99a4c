/** Whether the watch itself sees anything. */
import type { Alert } from './alert.ts'
import { minuteMs, secondMs, thisMachine } from './alert-texts.ts'

const steps = { stepMs: 15 * secondMs, wellMs: 10 * minuteMs } as const

/** Only where a machine always runs: where all may sleep, silence is no fault. */
export const metricsAbsent: Alert = {
  name: 'MetricsAbsent',
  severity: 'critical',
  forMs: 5 * minuteMs,
  expr: () => 'absent(up{job="medio-backend"} == 1)',
  summary: 'No machine has answered Prometheus for 5 minutes',
  description:
    'All machines are down, or Prometheus does not find them. Until it does, no other alert of this service can come. Ask the public address first.',
  query: 'up{job="medio-backend"}',
  trials: [
    {
      what: 'no machine answers',
      ...steps,
      faultMs: 10 * minuteMs,
      ...{ silentUntilMs: 285 * secondMs, firesAfterMs: 5 * minuteMs, resolvesAfterMs: 15 * secondMs },
      series: [
        { name: 'up{instance="a",job="medio-backend"}', well: 1, fault: 0 },
        { name: 'up{instance="b",job="medio-backend"}', well: 1, fault: 0, below: 1 },
      ],
    },
    {
      what: 'no machine is found',
      ...steps,
      faultMs: 20 * minuteMs,
      ...{ silentUntilMs: 285 * secondMs, firesAfterMs: 5 * minuteMs, resolvesAfterMs: 15 * secondMs },
      series: [{ name: 'up{instance="a",job="medio-backend"}', well: 1, fault: null, below: 1 }],
    },
  ],
}

export const watchAlerts: readonly Alert[] = [
  {
    name: 'OutsideProbeFailed',
    severity: 'critical',
    forMs: 5 * minuteMs,
    expr: () => 'probe_success{job="medio-backend-outside"} == 0',
    summary: 'From outside {{ $labels.instance }} has not answered well for 5 minutes',
    description:
      'Callers do not get through: no machine that is healthy, or the way there (name, certificate, proxy). Ask it yourself, then look whether machines run.',
    query: 'probe_http_status_code{job="medio-backend-outside"}',
    trials: [
      {
        what: 'the probe from outside fails',
        ...steps,
        faultMs: 10 * minuteMs,
        ...{ silentUntilMs: 285 * secondMs, firesAfterMs: 5 * minuteMs, resolvesAfterMs: 15 * secondMs },
        series: [
          {
            name: 'probe_success{instance="https://example.com",job="medio-backend-outside"}',
            well: 1,
            fault: 0,
            below: 1,
          },
        ],
        labels: [{ instance: 'https://example.com', job: 'medio-backend-outside' }],
      },
    ],
  },
  {
    name: 'MetricsCardinalityCapped',
    severity: 'warning',
    forMs: 0,
    expr: ({ span }) => `sum by (job, instance) (increase(metrics_series_dropped_total[${span(15 * minuteMs)}])) > 0`,
    summary: `Machine ${thisMachine} has reached its limit of 2,000 series`,
    description:
      'New label values are counted under overflow, so graphs by route or statement miss them. Which label grew, and since which deployment?',
    query: 'topk(10, count by (__name__) ({instance="{{ $labels.instance }}"}))',
    trials: [
      {
        what: 'recordings go to the overflow series',
        ...steps,
        wellMs: 20 * minuteMs,
        faultMs: 10 * minuteMs,
        ...{ firesAfterMs: minuteMs, resolvesAfterMs: 16 * minuteMs },
        series: [
          { name: 'build_info{instance="a",machine="m1",region="iad"}', well: 1, fault: 1 },
          {
            name: 'metrics_series_dropped_total{instance="a",job="medio-backend"}',
            growing: true,
            ...{ well: 0, fault: 3, below: 0 },
          },
        ],
        labels: [{ instance: 'a', job: 'medio-backend' }],
      },
    ],
  },
  {
    name: 'HistoryLost',
    severity: 'warning',
    forMs: 0,
    expr: ({ span }) =>
      `sum by (job, instance, kind) (increase(history_spool_dropped_total[${span(60 * minuteMs)}])) > 0`,
    summary: `Machine ${thisMachine} has lost records of its history: {{ $labels.kind }}`,
    description:
      'They waited for Postgres until no space was left, or Postgres refused them. Reports and objectives of that time have a gap.',
    query: 'history_spool_bytes{instance="{{ $labels.instance }}"}',
    trials: [
      {
        what: 'the oldest records go',
        ...steps,
        wellMs: 70 * minuteMs,
        faultMs: 10 * minuteMs,
        ...{ firesAfterMs: minuteMs, resolvesAfterMs: 61 * minuteMs },
        series: [
          { name: 'build_info{instance="a",machine="m1",region="iad"}', well: 1, fault: 1 },
          {
            name: 'history_spool_dropped_total{instance="a",job="medio-backend",kind="observations"}',
            growing: true,
            ...{ well: 0, fault: 3, below: 0 },
          },
        ],
        labels: [{ instance: 'a', job: 'medio-backend', kind: 'observations' }],
      },
    ],
  },
  {
    name: 'Watchdog',
    severity: 'none',
    forMs: 0,
    expr: () => 'vector(1)',
    summary: 'The watch is alive',
    description:
      'It always fires and goes to a heartbeat service, which tells people when it stops: then Prometheus, Alertmanager or the way out is down.',
    query: 'ALERTS{alertname="Watchdog"}',
    trials: [
      {
        what: 'anything at all',
        ...steps,
        faultMs: 5 * minuteMs,
        firesAfterMs: 0,
        neverSilent: true,
        series: [{ name: 'up{instance="a",job="medio-backend"}', well: 1, fault: 0 }],
      },
    ],
  },
]
