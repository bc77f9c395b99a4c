import { expect, it } from 'vitest'
import { pricesTable, profilesTable } from '../../scripts/deploy-tables.ts'

const withoutMachine = `
primary_region = "sjc"

[http_service]
  internal_port = 5000

  # profile always: one runs
  auto_stop_machines = "stop"
  min_machines_running = 1

  # profile never: none runs
  # auto_stop_machines = "stop"
  # min_machines_running = 0
`
const flyToml = `${withoutMachine}
[[vm]]
  size = "shared-cpu-1x"
  memory = "1gb"
`

it('the table of profiles counts what runs, and what the others cost stopped, by region and size', () => {
  const rows = profilesTable(flyToml).filter((line) => line.startsWith('| `'))
  expect(rows).toEqual([
    '| `always` (on) | 1 of 2 | $6.835 | $13.58 | not at all |',
    '| `never` | 0 of 2 | $0.09 | $13.58 | for a cold start: 2 s or more |',
  ])
})

it('the table of prices names the machine of fly.toml, and says of when the prices are', () => {
  const lines = pricesTable(flyToml)
  expect(lines[2]).toContain('| a running machine: 1 shared CPU, 1024 MB, `sjc` | $0.695 a CPU + $5.00 a GB,')
  expect(lines[2]).toContain('| $6.79 |')
  expect(lines.at(-1)).toMatch(/^Read on \d{4}-\d\d-\d\d from Fly's documents of \d{4}-\d\d-\d\d\.$/)
})

it('a fly.toml without what costs depend on is refused with what it needs', () => {
  expect(() => pricesTable(withoutMachine)).toThrow('fly.toml needs primary_region, [http_service], and [[vm]]')
  expect(() => pricesTable('app = ')).toThrow("fly.toml can't be read: ")
})
