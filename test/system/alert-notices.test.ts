import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { placeWatch, startAlertmanager, untilReady } from './watch.ts'

const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']
const dayMs = 86_400_000
/** Only yesterday, which stays closed if the clock passes midnight in between. */
const closed = {
  weekdays: [weekdays[new Date(Date.now() - dayMs).getUTCDay()] ?? ''],
  times: [{ start_time: '00:00', end_time: '24:00' }],
  location: 'UTC',
}

let placed: Awaited<ReturnType<typeof placeWatch>>
let alertmanager: ReturnType<typeof startAlertmanager>

/** The real Alertmanager outside business hours; alerts are told to it as Prometheus would. */
beforeEach(async () => {
  placed = await placeWatch({
    shipped: 'prometheus.yml',
    alwaysRuns: true,
    aim: () => undefined,
    businessHours: closed,
  })
  alertmanager = startAlertmanager(placed)
  await untilReady(placed.alertmanager.url, [alertmanager])
})
afterEach(async () => {
  alertmanager.child.kill('SIGTERM')
  await alertmanager.exited
  await placed.remove()
})

async function tell(alertname: string, severity: string, labels: Readonly<Record<string, string>> = {}): Promise<void> {
  const alert = {
    labels: { alertname, severity, ...labels },
    annotations: {
      summary: `${alertname} of ${labels.instance ?? 'all'}`,
      description: 'What to do.',
      query: 'up',
      runbook: `ops/runbooks/${alertname}.md`,
    },
  }
  const response = await fetch(`${placed.alertmanager.url}/api/v2/alerts`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify([alert]),
  })
  expect(response.status).toBe(200)
}

it('outside business hours a warning waits, while pages, events and the heartbeat do not', async () => {
  const { pages, messages, heartbeats, refused } = placed.receivers
  await tell('HealthDegraded', 'warning')
  await tell('HighErrorRate', 'critical')
  await tell('DeploymentComplete', 'info')
  await tell('Watchdog', 'none')
  await vi.waitUntil(() => pages.length > 0 && messages.length > 0 && heartbeats.length > 1, { timeout: 15_000 })
  // Twice the interval of a group.
  await delay(4_000)
  expect(pages.map(({ payload }) => payload.class)).toEqual(['HighErrorRate'])
  expect(messages.map(({ channel, title }) => [channel, title])).toEqual([
    ['#medio-info', 'DeploymentComplete of all [DeploymentComplete]'],
  ])
  expect(refused).toEqual([])
})

it('two machines with one fault make one page, which names the first and counts the other', async () => {
  const { pages, refused } = placed.receivers
  await Promise.all(['a', 'b'].map((instance) => tell('HealthCheckFailed', 'critical', { instance })))
  await vi.waitUntil(() => pages.length > 0, { timeout: 15_000 })
  await delay(4_000)
  expect(pages.map(({ dedup_key: key }) => key)).toEqual([pages[0]?.dedup_key])
  expect(pages[0]?.payload).toMatchObject({
    summary: 'HealthCheckFailed of a (and 1 more) [HealthCheckFailed]',
    severity: 'critical',
    custom_details: {
      num_firing: '2',
      runbook: 'ops/runbooks/HealthCheckFailed.md',
      what_to_do: 'What to do.',
      query: 'up\nup\n',
    },
  })
  expect(refused).toEqual([])
})

it('an unhealthy machine silences what it says besides, and not what another machine says', async () => {
  const { pages } = placed.receivers
  await tell('HealthCheckFailed', 'critical', { instance: 'a' })
  await tell('ErrorBudgetBurnFast', 'critical', { objective: 'health', window: '1h' })
  await tell('HealthDegraded', 'warning', { instance: 'a' })
  await tell('HealthDegraded', 'warning', { instance: 'b' })
  await vi.waitUntil(() => pages.length > 0, { timeout: 15_000 })
  await delay(4_000)
  expect(pages.map(({ payload }) => payload.class)).toEqual(['HealthCheckFailed'])
  const response = await fetch(`${placed.alertmanager.url}/api/v2/alerts`)
  const alerts = (await response.json()) as {
    labels: { alertname: string; instance?: string }
    status: { inhibitedBy: string[] }
  }[]
  const silenced = alerts.filter(({ status }) => status.inhibitedBy.length > 0).map(({ labels }) => labels)
  expect(silenced.map(({ alertname, instance }) => [alertname, instance]).toSorted()).toEqual([
    ['ErrorBudgetBurnFast', undefined],
    ['HealthDegraded', 'a'],
  ])
})
