import { describe, expect, it } from 'vitest'
import { readEnv, toConfig } from '../../src/config.ts'
import { reasonCodes } from '../../src/health/check.ts'
import { type CheckSources, createChecks } from '../../src/health/registry.ts'
import { metricDefinitions } from '../../src/telemetry/metric-definitions.ts'
import { projectFiles, readProjectFile } from './project-files.ts'

/** The rows of the table that begins with the given header cells, as lists of cells. */
function tableRows(document: string, ...header: string[]): string[][] {
  const [, table] = readProjectFile(document).split(`\n| ${header.join(' | ')} |`)
  if (table === undefined) throw new Error(`${document} has no table with the columns ${header.join(', ')}`)
  const lines = table.split('\n').slice(2)
  return lines
    .slice(
      0,
      lines.findIndex((line) => !line.startsWith('|')),
    )
    .map((line) => line.split(' | ').map((cell) => cell.replaceAll(/^\| | \|$|`/g, '')))
}

const firstCells = (rows: string[][]) => rows.map(([first]) => first)

describe('docs/health-api.md', () => {
  it('says of every reason code what to do, and names no other', () => {
    const rows = tableRows('docs/health-api.md', 'code', 'what happened', 'what to do now')
    expect(firstCells(rows)).toEqual(reasonCodes)
  })

  it('has the scope, weight and times of every check', () => {
    const config = toConfig(
      readEnv({
        REDIS_URL: 'redis://127.0.0.1',
        EXTERNAL_APIS: 'NAME=http://127.0.0.1'.toLowerCase(),
        SENTRY_DSN: 'http://key@127.0.0.1/1',
        HEALING_ENABLED: 'true',
        AWS_ENDPOINT_URL_S3: 'http://127.0.0.1',
        BUCKET_NAME: 'bucket',
        AWS_ACCESS_KEY_ID: 'id',
        AWS_SECRET_ACCESS_KEY: 'secret',
      }),
    )
    // Nothing runs here: the checks only read the clock when they are made.
    const sources = { config, wallMs: () => 0, monotonicMs: () => 0 } as Partial<CheckSources> as CheckSources
    const checks = createChecks(sources).map((check) => {
      if (!check.configured) throw new Error(`${check.name} is not configured; give this test its variable`)
      const { name, scope, critical, intervalMs, timeoutMs } = check
      const documented = name.replace(/:name$/, ':NAME')
      return [documented, scope, critical ? 'yes' : 'no', `${intervalMs / 1_000} s`, `${timeoutMs / 1_000} s`]
    })
    const rows = tableRows('docs/health-api.md', 'check', 'scope', 'critical', 'interval', 'time-out', 'what it asks')
    expect(rows.map((cells) => cells.slice(0, 5))).toEqual(checks)
  })
})

describe('docs/monitoring.md', () => {
  it('explains every log event and no other', () => {
    const events = [...readProjectFile('src/telemetry/log-events.ts').matchAll(/\| '(\w+)'/g)].map(([, name]) => name)
    expect(events.length).toBeGreaterThan(0)
    expect(firstCells(tableRows('docs/monitoring.md', 'event', 'meaning'))).toEqual(events)
  })

  it('lists every metric and no other', () => {
    const names = Object.values(metricDefinitions).map(({ name }) => name)
    expect(firstCells(tableRows('docs/monitoring.md', 'metric', 'type', 'labels', 'meaning'))).toEqual(names)
  })
})

describe('log events', () => {
  it('are all written somewhere', () => {
    const sources = projectFiles(/^src\/.*\.ts$/)
      .filter((file) => file !== 'src/telemetry/log-events.ts')
      .map(readProjectFile)
      .join('\n')
    const events = firstCells(tableRows('docs/monitoring.md', 'event', 'meaning'))
    expect(events.filter((event) => !new RegExp(`event: [^,}]*'${event}'`).test(sources))).toEqual([])
  })
})
