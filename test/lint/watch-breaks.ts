import type { Break } from './breaks.ts'

const rules = 'ops/prometheus/rules/alerts.yml'
const tests = 'ops/prometheus/tests/alerts.yml'
const alertmanager = 'ops/alertmanager/alertmanager.yml'
const dashboard = 'ops/grafana/dashboards/service.json'
const runbook = 'ops/runbooks/Alive.md'
const metrics = 'docs/monitoring.md has the metrics'
const labels = 'docs/monitoring.md has the labels'
const trial = 'Give it a trial in src/slo and run: npm run generate'

/** Of the rules about what watches the service. */
export const watchBreaks: Readonly<Record<string, readonly Break[]>> = {
  'metric-names': [
    {
      what: 'a rule asks for a series that nobody has',
      edits: [[rules, '(health_status{', '(health_state{']],
      found: [`${rules}:7 metric-names: there is no series health_state. ${metrics}`],
    },
    {
      what: 'a rule selects by a label that the series has not',
      edits: [[rules, '{status=~', '{state=~']],
      found: [`${rules}:7 metric-names: health_status has no label state. ${labels}`],
    },
    {
      what: 'a rule selects by a value that never is',
      edits: [[rules, 'unhealthy|starting', 'unhealthy|started']],
      found: [
        `${rules}:7 metric-names: status of health_status is never started. It is one of healthy, degraded, unhealthy, starting, draining`,
      ],
    },
    {
      what: 'a recording groups by a label that nothing has',
      edits: [[rules, 'sum by (objective)', 'sum by (goal)']],
      found: [`${rules}:5 metric-names: no series of the expression has the label goal. ${labels}`],
    },
    {
      what: 'a histogram is asked for without a suffix',
      edits: [[rules, 'health_check_status{', 'health_check_duration_seconds{']],
      found: [`${rules}:11 metric-names: there is no series health_check_duration_seconds. ${metrics}`],
    },
    {
      what: 'an expression does not end',
      edits: [[rules, 'vector(1)', 'vector(1']],
      found: [
        `${rules}:15 metric-names: "vector(1" is no PromQL from character 9 on. Correct it; each line of a promql block is one expression`,
      ],
    },
    {
      what: 'a runbook shows what was recorded once',
      edits: [[runbook, 'increase5m{', 'increase6m{']],
      found: [`${runbook}:8 metric-names: there is no series objective:slo_events:increase6m. ${metrics}`],
    },
    {
      what: 'a dashboard groups by a label that its series has not',
      edits: [[dashboard, 'sum by (route)', 'sum by (path)']],
      found: [`${dashboard}:18 metric-names: no series of the expression has the label path. ${labels}`],
    },
    {
      what: 'a dashboard is no JSON',
      edits: [[dashboard, '"title": "Service",', '"title": Service,']],
      found: [`${dashboard}:1 syntax: it is no JSON. Make it again: npm run generate`],
    },
  ],
  'alert-tests': [
    {
      what: 'no test sees an alert fire',
      edits: [[tests, '\n          - exp_labels: { severity: critical, instance: a }', '']],
      found: [`${rules}:6 alert-tests: no test sees ServiceUnhealthy fire. ${trial}`],
    },
    {
      what: 'no test sees an alert silent',
      edits: [[tests, '      - eval_time: 0m\n        alertname: ServiceUnhealthy\n        exp_alerts: []\n', '']],
      found: [`${rules}:6 alert-tests: no test sees ServiceUnhealthy silent. ${trial}`],
    },
    {
      what: 'a test is left of an alert that is gone',
      edits: [[tests, 'expr: ALERTS{alertname="Alive"}', 'expr: ALERTS{alertname="Gone"}']],
      found: [
        `${rules}:14 alert-tests: no test sees Alive fire. ${trial}`,
        `${tests}:4 alert-tests: there is no alert Gone. Take the test out`,
      ],
    },
  ],
  runbooks: [
    {
      what: 'an alert names the runbook of another',
      edits: [[rules, 'runbook: ops/runbooks/Alive.md', 'runbook: ops/runbooks/Dead.md']],
      found: [`${rules}:14 runbooks: the runbook of Alive is ops/runbooks/Dead.md. Name it ${runbook}`],
    },
    {
      what: 'an alert has no summary',
      edits: [[rules, '          summary: The watch is alive\n', '']],
      found: [`${rules}:14 runbooks: Alive has no summary. Add the annotation summary`],
    },
    {
      what: 'a section of a runbook is not written',
      edits: [[runbook, 'Mend it.', 'TODO']],
      found: [`${runbook}:11 runbooks: Fix is not written. Write it`],
    },
    {
      what: 'a section of a runbook is missing',
      edits: [[runbook, '## Escalate\nCall somebody.\n', '']],
      found: [`${runbook}:1 runbooks: its sections are Meaning, Check, Fix. Write Meaning, Check, Fix, Escalate`],
    },
    {
      what: 'an alert was renamed, and its runbook was not',
      edits: [
        [rules, '- alert: Alive', '- alert: Living'],
        [rules, 'runbook: ops/runbooks/Alive.md', 'runbook: ops/runbooks/Living.md'],
        [tests, 'expr: ALERTS{alertname="Alive"}', 'expr: ALERTS{alertname="Living"}'],
        [alertmanager, 'ServiceUnhealthy|Alive', 'ServiceUnhealthy|Living'],
      ],
      found: [
        `${rules}:14 runbooks: Living has no runbook. Write ops/runbooks/Living.md; npm run generate begins it`,
        `${runbook}:1 runbooks: there is no alert Alive. Delete the runbook, or rename it`,
      ],
    },
  ],
  'alert-routes': [
    {
      what: 'a route leads to a receiver that is not there',
      edits: [[alertmanager, '- receiver: pager', '- receiver: beeper']],
      found: [
        `${alertmanager}:4 alert-routes: there is no receiver beeper. Name one of receivers`,
        `${alertmanager}:14 alert-routes: no route leads to receiver pager. Route to it, or drop it`,
      ],
    },
    {
      what: 'a receiver tells nobody',
      edits: [[alertmanager, '    pagerduty_configs: [{ routing_key_file: /run/key }]\n', '']],
      found: [`${alertmanager}:14 alert-routes: receiver pager tells nobody. Give it a configuration`],
    },
    {
      what: 'what is critical is told in office hours only',
      edits: [
        [
          alertmanager,
          `matchers: ['severity="critical"']`,
          `matchers: ['severity="critical"']\n      active_time_intervals: [office]`,
        ],
      ],
      found: [
        `${rules}:6 alert-routes: ServiceUnhealthy is critical, and silent at some hours. Route it without time intervals`,
      ],
    },
    {
      what: 'a route has hours that nobody set, and a matcher that is none',
      edits: [
        [alertmanager, 'active_time_intervals: [office]', 'active_time_intervals: [night]'],
        [alertmanager, `['severity="warning"']`, `['severity is warning']`],
      ],
      found: [
        `${alertmanager}:6 alert-routes: there is no time interval night. Name one of time_intervals`,
        `${alertmanager}:6 alert-routes: severity is warning is no matcher. Write: label="value"`,
      ],
    },
    {
      what: 'an alert has no severity',
      edits: [[rules, '        labels:\n          severity: critical\n', '']],
      found: [`${rules}:6 alert-routes: ServiceUnhealthy has no severity. Add the label severity`],
    },
    {
      what: 'an inhibition names an alert that is gone',
      edits: [[alertmanager, 'ServiceUnhealthy|Alive', 'ServiceUnhealthy|Gone']],
      found: [
        `${alertmanager}:9 alert-routes: an inhibition names Gone, which is no alert. Correct the name in src/slo/alerts.ts`,
      ],
    },
  ],
}
