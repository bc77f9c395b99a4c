import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

/**
 * Prometheus' configuration for one machine, as JSON, which is YAML too. The rules are those of `rulesDirectory`; the
 * targets and intervals of production are not wanted here.
 */
export function prometheusConfig(options: {
  readonly metricsPort: number
  readonly alertmanagerPort: number
  readonly scrapeSeconds: number
  readonly rulesDirectory: string
}): string {
  const { metricsPort, alertmanagerPort, scrapeSeconds, rulesDirectory } = options
  const config = {
    global: { scrape_interval: `${scrapeSeconds}s`, evaluation_interval: `${scrapeSeconds}s` },
    rule_files: ruleFiles(rulesDirectory),
    alerting: { alertmanagers: [{ static_configs: [{ targets: [`127.0.0.1:${alertmanagerPort}`] }] }] },
    scrape_configs: [{ job_name: 'medio', static_configs: [{ targets: [`127.0.0.1:${metricsPort}`] }] }],
  }
  return `${JSON.stringify(config, undefined, 2)}\n`
}

/** What has groups of rules; configurations and tests of rules lie beside them. */
function ruleFiles(directory: string): string[] {
  if (!existsSync(directory)) return []
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.ya?ml$/.test(name))
    .map((name) => join(directory, name))
    .filter((path) => {
      const content: unknown = parse(readFileSync(path, 'utf8'))
      return typeof content === 'object' && content !== null && 'groups' in content
    })
    .toSorted()
}
