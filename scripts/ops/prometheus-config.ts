import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { parse } from 'yaml'

interface ScrapeConfig {
  readonly static_configs?: readonly { readonly targets: readonly string[] }[]
}

interface Configuration {
  readonly rule_files?: readonly string[]
  readonly scrape_configs?: readonly ScrapeConfig[]
}

/** As it is without a file: the service alone, and no rules. */
const bare: Configuration = {
  scrape_configs: [{ static_configs: [{ targets: ['127.0.0.1:9091'] }], ...{ job_name: 'medio-backend' } }],
}

/**
 * Prometheus' configuration for one machine, as JSON, which is YAML too: the file of production with its rules, but with
 * the ports and the interval that were chosen. `ports`: chosen ones by those of the file.
 */
export function prometheusConfig(options: {
  readonly productionFile: string
  readonly ports: ReadonlyMap<number, number>
  readonly alertmanagerPort: number
  readonly scrapeSeconds: number
}): string {
  const { productionFile, ports, alertmanagerPort, scrapeSeconds } = options
  const production = existsSync(productionFile) ? (parse(readFileSync(productionFile, 'utf8')) as Configuration) : bare
  const chosen = (target: string) =>
    target.replace(/:(\d+)$/, (_all, port: string) => `:${ports.get(Number(port)) ?? port}`)
  const jobs = (production.scrape_configs ?? []).map((job) => ({
    ...job,
    static_configs: job.static_configs?.map(({ targets }) => ({ targets: targets.map(chosen) })),
  }))
  const config = {
    global: {
      scrape_interval: `${scrapeSeconds}s`,
      scrape_timeout: `${Math.min(scrapeSeconds, 10)}s`,
      evaluation_interval: `${scrapeSeconds}s`,
    },
    rule_files: production.rule_files?.map((path) => resolve(dirname(productionFile), path)),
    alerting: { alertmanagers: [{ static_configs: [{ targets: [`127.0.0.1:${alertmanagerPort}`] }] }] },
    scrape_configs: jobs,
  }
  return `${JSON.stringify(config, undefined, 2)}\n`
}
