import { parseEnv } from 'node:util'
import { describe, expect, it } from 'vitest'
import { readEnv, toConfig, variableNames } from '../../src/config.ts'
import { readProjectFile } from './project-files.ts'

const text = readProjectFile('.env.example')
const values = parseEnv(text) as Record<string, string>

/** The comment above a variable; a check's interval and time-out share one. */
function commentsByName(): Map<string, string> {
  const comments = new Map<string, string>()
  let comment = ''
  for (const line of text.split('\n')) {
    const name = /^([A-Z0-9_]+)=/.exec(line)?.[1]
    if (name !== undefined) comments.set(name, comment)
    if (line.startsWith('# ')) comment += line
    else if (name?.endsWith('_INTERVAL_MS') !== true) comment = ''
  }
  return comments
}

describe('.env.example', () => {
  it('lists every variable of the configuration once and no other', () => {
    const listed = [...text.matchAll(/^([A-Z0-9_]+)=/gm)].map((match) => match[1])
    expect(listed.toSorted()).toEqual(variableNames.toSorted())
  })

  it('sets every variable to its default', () => {
    expect(toConfig(readEnv(values))).toEqual(toConfig(readEnv({})))
  })

  it('comments every variable, and names the default where the value is empty', () => {
    const comments = commentsByName()
    const uncommented = variableNames.filter((name) => (comments.get(name) ?? '') === '')
    const noDefault = variableNames.filter((name) => values[name] === '' && !/Default: /.test(comments.get(name) ?? ''))
    const noUnit = variableNames.filter(
      (name) =>
        name.endsWith('_MS') &&
        !/^HEALTH_.*_(INTERVAL|TIMEOUT)_MS$/.test(name) &&
        !/milliseconds/i.test(comments.get(name) ?? ''),
    )
    expect({ uncommented, noDefault, noUnit }).toEqual({ uncommented: [], noDefault: [], noUnit: [] })
  })

  it('holds no secret', () => {
    const secrets = [...commentsByName()].filter(([, comment]) => comment.includes('Secret.')).map(([name]) => name)
    expect(secrets).toEqual([
      'DATABASE_URL',
      'REDIS_URL',
      'AWS_ACCESS_KEY_ID',
      'AWS_SECRET_ACCESS_KEY',
      'SENTRY_DSN',
      'OTEL_EXPORTER_OTLP_HEADERS',
      'OTEL_EXPORTER_OTLP_TRACES_HEADERS',
      'OPERATOR_TOKEN',
      'PROBE_TOKEN',
    ])
    expect(secrets.map((name) => values[name]).join('')).toBe('')
  })
})
