/**
 * Where Prometheus looks, and whom it tells: one file for machines at known addresses, one for Fly's private network.
 * https://prometheus.io/docs/prometheus/latest/configuration/configuration/
 */
import type { AlertedDeployment } from '../../src/slo/alerts.ts'
import type { GeneratedFile } from '../generated-file.ts'
import { yamlText } from './yaml-text.ts'

export interface ScrapedService {
  /** Fly's name of the app: its machines are at `<app>.internal`, its public address at `<app>.fly.dev`. */
  readonly app: string
  readonly metricsPort: number
  readonly metricsPath: string
}

/** Alerts name it. */
const job = 'medio-backend'
const alertmanager = '127.0.0.1:9093'
const blackboxExporter = '127.0.0.1:9115'

export function prometheusConfigs(service: ScrapedService, deployment: AlertedDeployment): GeneratedFile[] {
  const { app, metricsPort, metricsPath } = service
  const onFly = {
    job_name: job,
    metrics_path: metricsPath,
    // Started machines only: one that sleeps is no target, and no fault.
    dns_sd_configs: [{ names: [`${app}.internal`], type: 'AAAA', port: metricsPort, refresh_interval: '15s' }],
  }
  const here = {
    job_name: job,
    metrics_path: metricsPath,
    static_configs: [{ targets: [`127.0.0.1:${metricsPort}`] }],
  }
  return [
    {
      path: 'ops/prometheus/prometheus.yml',
      text: yamlText(
        'Prometheus beside the service, or beside machines at known addresses: add them to targets.',
        configOf([here, ownJob]),
      ),
    },
    {
      path: 'ops/prometheus/prometheus.fly.yml',
      text: yamlText(
        `Prometheus on Fly, in the organisation of ${app}: its machines by private DNS, its public address by a probe.`,
        configOf([onFly, outsideProbe(`https://${app}.fly.dev/api/health`, deployment), ownJob]),
      ),
    },
  ]
}

function configOf(scrapes: readonly unknown[]) {
  return {
    global: { scrape_interval: '15s', scrape_timeout: '10s', evaluation_interval: '15s' },
    rule_files: ['rules/*.yml'],
    alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager] }] }] },
    scrape_configs: scrapes,
  }
}

const ownJob = { job_name: 'prometheus', static_configs: [{ targets: ['127.0.0.1:9090'] }] }

/**
 * By blackbox_exporter. It goes through Fly's proxy and wakes what sleeps: under scale to zero as rarely as Prometheus
 * can look without taking the last answer for too old (5 minutes).
 */
function outsideProbe(url: string, { alwaysRuns }: AlertedDeployment) {
  return {
    job_name: `${job}-outside`,
    scrape_interval: alwaysRuns ? '1m' : '4m',
    scrape_timeout: '30s',
    metrics_path: '/probe',
    params: { module: ['http_2xx'] },
    static_configs: [{ targets: [url] }],
    relabel_configs: [
      { source_labels: ['__address__'], target_label: '__param_target' },
      { source_labels: ['__param_target'], target_label: 'instance' },
      { target_label: '__address__', replacement: blackboxExporter },
    ],
  }
}
