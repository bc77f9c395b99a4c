import { parseArgs } from 'node:util'

export const parts = ['service', 'metrics', 'prometheus', 'alertmanager', 'grafana', 'loki'] as const
export type Part = (typeof parts)[number]

export interface OpsOptions {
  /** TCP port of each part, on loopback. */
  readonly ports: Readonly<Record<Part, number>>
  /** Where data, configurations and logs of the parts are kept. */
  readonly dataDir: string
  /** Seconds between two scrapes. */
  readonly scrapeSeconds: number
}

/** The ports that each program takes by itself, so that its documents are right here too. */
export const usualPorts: Readonly<Record<Part, number>> = {
  service: 5000,
  metrics: 9091,
  prometheus: 9090,
  alertmanager: 9093,
  grafana: 3000,
  loki: 3100,
}

export const usage = `npm run ops -- [options]

Starts the service, Prometheus and Alertmanager on this machine, and Grafana and Loki where they are installed.

${parts.map(portLine).join('\n')}
  --data-dir DIR        default .medio/ops
  --scrape-seconds N    default 15
`

function portLine(part: Part): string {
  const option = `  --${part}-port N`
  return `${option.padEnd(24)}default ${usualPorts[part]}`
}

/** Throws an error for people when the words can't be read. */
export function readOptions(words: readonly string[]): OpsOptions | 'help' {
  const portOptions = Object.fromEntries(parts.map((part) => [`${part}-port`, { type: 'string' } as const]))
  const { values } = parseArgs({
    args: [...words],
    options: {
      ...portOptions,
      'data-dir': { type: 'string', default: '.medio/ops' },
      'scrape-seconds': { type: 'string', default: '15' },
      help: { type: 'boolean', default: false },
    },
  })
  const given: Readonly<Record<string, string | boolean | undefined>> = values
  if (values.help) return 'help'
  const portOf = (part: Part) => wholeNumber(`--${part}-port`, given[`${part}-port`] ?? usualPorts[part], 65_535)
  const ports = Object.fromEntries(parts.map((part) => [part, portOf(part)])) as Record<Part, number>
  const numbers = Object.values(ports)
  const twice = numbers.find((port, index) => numbers.indexOf(port) !== index)
  if (twice !== undefined) throw new Error(`port ${twice} is given to two parts; give each its own`)
  return {
    ports,
    dataDir: String(values['data-dir']),
    scrapeSeconds: wholeNumber('--scrape-seconds', values['scrape-seconds'], 3_600),
  }
}

function wholeNumber(option: string, value: unknown, max: number): number {
  const number = Number(value)
  if (Number.isInteger(number) && number >= 1 && number <= max) return number
  throw new Error(`${option} must be a whole number from 1 to ${max}`)
}
