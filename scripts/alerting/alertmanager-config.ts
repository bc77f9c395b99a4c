/**
 * Who is told of what, and when. Works with Alertmanager 0.25, which Debian 12 has.
 * https://prometheus.io/docs/alerting/latest/configuration/
 */
import settings from '../../ops/alertmanager/settings.json' with { type: 'json' }
import { type AlertedDeployment, alertGroups, inhibitionsOf } from '../../src/slo/alerts.ts'
import type { GeneratedFile } from '../generated-file.ts'
import { yamlText } from './yaml-text.ts'

export const alertmanagerFile = 'ops/alertmanager/alertmanager.yml'

/** Where things lie and whom to reach; a test has its own. */
export interface AlertmanagerPlaces {
  /** One line: the integration key of a service in PagerDuty, "Events API v2". */
  readonly pagerdutyKeyFile: string
  /** One line: the address of an incoming webhook of Slack's. */
  readonly slackUrlFile: string
  readonly heartbeatUrl: string
  /** PagerDuty's own if left out. */
  readonly pagerdutyUrl?: string
  /** Relative to the file. */
  readonly templates: string
}

const defaultPlaces: AlertmanagerPlaces = {
  pagerdutyKeyFile: '/etc/alertmanager/secrets/pagerduty-routing-key',
  slackUrlFile: '/etc/alertmanager/secrets/slack-webhook-url',
  heartbeatUrl: settings.heartbeatUrl,
  templates: 'templates/*.tmpl',
}

interface BusinessHours {
  readonly weekdays: readonly string[]
  readonly times: readonly { readonly start_time: string; readonly end_time: string }[]
  readonly location: string
}

/** How long Alertmanager gathers before it speaks, and when it speaks of warnings; a test has no time. */
export interface AlertmanagerTimes {
  readonly groupWait: string
  readonly groupInterval: string
  readonly heartbeatInterval: string
  readonly businessHours: BusinessHours
}

const defaultTimes: AlertmanagerTimes = {
  groupWait: '30s',
  groupInterval: '5m',
  heartbeatInterval: '1m',
  businessHours: settings.businessHours,
}

const businessHours = 'business-hours'
const runbook = `${settings.runbooksBaseUrl}{{ template "medio.runbook" . }}`

export function alertmanagerConfig(
  deployment: AlertedDeployment,
  places = defaultPlaces,
  times = defaultTimes,
): GeneratedFile {
  const { pagerdutyUrl, slackUrlFile, templates } = places
  const value = {
    global: { resolve_timeout: '5m', slack_api_url_file: slackUrlFile, pagerduty_url: pagerdutyUrl },
    templates: [templates],
    route: {
      // Also for what has no severity of ours: nothing is lost for a slip in a rule.
      receiver: 'slack-warnings',
      group_by: ['alertname', 'objective'],
      group_wait: times.groupWait,
      group_interval: times.groupInterval,
      repeat_interval: '4h',
      routes: [
        {
          receiver: 'heartbeat',
          matchers: ['alertname="Watchdog"'],
          group_wait: '0s',
          group_interval: times.heartbeatInterval,
          repeat_interval: times.heartbeatInterval,
        },
        { receiver: 'pagerduty', matchers: ['severity="critical"'] },
        {
          receiver: 'slack-warnings',
          matchers: ['severity="warning"'],
          // What begins at night and lasts is told when the hours begin.
          active_time_intervals: [businessHours],
          repeat_interval: '24h',
        },
        { receiver: 'slack-info', matchers: ['severity="info"'], repeat_interval: '120h' },
      ],
    },
    inhibit_rules: inhibitionsOf(alertGroups(deployment)).map(({ cause, silences, equal, objective }) => ({
      source_matchers: [`alertname="${cause}"`],
      target_matchers: [
        `alertname=~"${silences.join('|')}"`,
        ...(objective === undefined ? [] : [`objective="${objective}"`]),
      ],
      equal,
    })),
    receivers: [
      { name: 'pagerduty', pagerduty_configs: [pagerduty(places)] },
      { name: 'slack-warnings', slack_configs: [slack(settings.slackChannels.warning, true)] },
      // Events that are over by themselves: their end is no news.
      { name: 'slack-info', slack_configs: [slack(settings.slackChannels.info, false)] },
      { name: 'heartbeat', webhook_configs: [{ url: places.heartbeatUrl, send_resolved: false }] },
    ],
    time_intervals: [{ name: businessHours, time_intervals: [times.businessHours] }],
  }
  const comment =
    'Alertmanager: critical → PagerDuty, warning → Slack in business hours, info → Slack. docs/alerting.md'
  return { path: alertmanagerFile, text: yamlText(comment, value) }
}

function pagerduty({ pagerdutyKeyFile }: AlertmanagerPlaces) {
  return {
    routing_key_file: pagerdutyKeyFile,
    send_resolved: true,
    severity: '{{ template "medio.pagerduty.severity" . }}',
    description: '{{ template "medio.title" . }}',
    client: 'Medio backend',
    // PagerDuty wants a whole address.
    client_url: settings.runbooksBaseUrl === '' ? undefined : runbook,
    class: '{{ .GroupLabels.alertname }}',
    component: 'medio-backend',
    details: {
      summary: '{{ template "medio.summaries" . }}',
      what_to_do: '{{ template "medio.descriptions" . }}',
      query: '{{ template "medio.queries" . }}',
      runbook,
      num_firing: '{{ .Alerts.Firing | len }}',
    },
  }
}

function slack(channel: string, sendResolved: boolean) {
  return {
    channel,
    send_resolved: sendResolved,
    color: '{{ template "medio.slack.color" . }}',
    title: '{{ template "medio.title" . }}',
    text: `{{ template "medio.slack.text" . }}Runbook: ${runbook}`,
    fallback: '{{ template "medio.title" . }}',
  }
}
