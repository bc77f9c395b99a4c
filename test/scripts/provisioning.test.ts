import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { lineLabels, lineMetadata, staticLabels } from '../../scripts/logs/log-fields.ts'
import { projectFiles, projectRoot, readProjectFile } from '../contracts/project-files.ts'

interface Compose {
  readonly services: Readonly<
    Record<
      string,
      { environment?: Readonly<Record<string, string>>; volumes?: readonly string[]; ports?: readonly string[] }
    >
  >
  readonly configs: { readonly prometheus: { readonly content: string } }
}

const compose = parse(readProjectFile('ops/compose.yaml'), { merge: true }) as Compose
const provisioning = projectFiles(/^ops\/grafana\/provisioning\/.*\.yaml$/)
/** `$${` is Grafana's way to write a dollar that is none of its own. */
const variablesOf = (text: string) => [...text.matchAll(/(?<!\$)\$\{(\w+)/g)].map(([, name = '']) => name)

describe('what Grafana is provisioned with', () => {
  it('has the sources that the boards choose among, and the folder of the boards', () => {
    const sources = parse(readProjectFile('ops/grafana/provisioning/datasources/medio.yaml')) as {
      datasources: { type: string; uid: string }[]
    }
    expect(sources.datasources.map(({ type }) => type)).toEqual(['prometheus', 'loki', 'alertmanager'])
    const dashboards = parse(readProjectFile('ops/grafana/provisioning/dashboards/medio.yaml')) as {
      providers: { type: string; allowUiUpdates: boolean; options: { path: string } }[]
    }
    expect(dashboards.providers).toMatchObject([
      { type: 'file', allowUiUpdates: false, options: { path: '$' + '{DASHBOARDS_PATH}' } },
    ])
  })

  it('finds each variable that its files and the collector name, in compose.yaml and in npm run ops', () => {
    const wanted = new Set(provisioning.map(readProjectFile).flatMap(variablesOf))
    expect([...wanted].toSorted()).toEqual([
      ...['ALERTMANAGER_URL', 'DASHBOARDS_PATH', 'GRAFANA_URL', 'LOKI_URL', 'PROMETHEUS_URL'],
    ])
    const ops = readProjectFile('scripts/ops/watch-parts.ts')
    expect([...wanted].filter((name) => !new RegExp(`\\b${name}: `).test(ops))).toEqual([])
    const given = Object.keys(compose.services.grafana?.environment ?? {})
    expect([...wanted].filter((name) => !given.includes(name))).toEqual([])
    const collector = readProjectFile('ops/loki/alloy/pipeline.alloy') + readProjectFile('ops/loki/alloy/docker.alloy')
    const asked = [...collector.matchAll(/sys\.env\("(\w+)"\)/g)].map(([, name = '']) => name)
    expect(new Set(asked)).toEqual(new Set(Object.keys(compose.services.alloy?.environment ?? {})))
  })
})

describe('ops/compose.yaml', () => {
  it('mounts files of Grafana and Loki that are there, and opens ports on loopback only', () => {
    const volumes = Object.values(compose.services).flatMap(({ volumes: own = [] }) => own)
    const sources = volumes
      .map((volume) => volume.split(':')[0] ?? '')
      .filter((source) => /^\.\/(grafana|loki)/.test(source))
    expect(sources).toHaveLength(5)
    expect(sources.filter((source) => !existsSync(join(projectRoot, 'ops', source)))).toEqual([])
    const ports = Object.values(compose.services).flatMap(({ ports: own = [] }) => own)
    expect(ports).toHaveLength(5)
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([])
  })

  it('runs the service as production, or else nobody could reach its metrics port', () => {
    expect(compose.services.service?.environment).toEqual({
      DATABASE_URL: 'postgres://postgres@postgres:5432/medio',
      STATUS_PUBLIC: 'true',
      OPERATOR_TOKEN: '$' + '{OPERATOR_TOKEN:-}',
    })
  })

  it('has Prometheus collect from services that it has, under the job that the rules know', () => {
    const { scrape_configs: jobs } = parse(compose.configs.prometheus.content) as {
      scrape_configs: { job_name: string; static_configs: { targets: string[] }[] }[]
    }
    const targets = jobs.flatMap(({ static_configs: groups }) => groups.flatMap((group) => group.targets))
    expect(jobs[0]).toMatchObject({ job_name: 'medio-backend', static_configs: [{ targets: ['service:9091'] }] })
    const hosts = targets.map((target) => target.replace(/:\d+$/, ''))
    expect(hosts).toEqual(['service', 'postgres-exporter'])
    expect(hosts.filter((host) => !(host in compose.services))).toEqual([])
  })
})

describe('the configuration of Loki', () => {
  const loki = parse(readProjectFile('ops/loki/loki.yaml')) as {
    limits_config: Readonly<Record<string, unknown>>
    schema_config: { configs: { store: string; schema: string }[] }
    compactor: { retention_enabled: boolean; delete_request_store: string }
  }

  it('takes structured metadata, which needs this index and schema, and deletes what is old', () => {
    expect(loki.limits_config).toMatchObject({ allow_structured_metadata: true, retention_period: '720h' })
    expect(loki.schema_config.configs).toMatchObject([{ store: 'tsdb', schema: 'v13' }])
    expect(loki.compactor).toMatchObject({ retention_enabled: true, delete_request_store: 'filesystem' })
  })

  it('has room for the labels that the collector sets, and the collector keeps no other', () => {
    const labels = [...staticLabels, ...lineLabels]
    expect(labels.length).toBeLessThanOrEqual(Number(loki.limits_config.max_label_names_per_series))
    const pipeline = readProjectFile('ops/loki/alloy/pipeline.alloy')
    expect(/label_keep \{\s+values = \[([^\]]*)\]/.exec(pipeline)?.[1]).toBe(
      labels.map((label) => `"${label}"`).join(', '),
    )
    const metadata = /structured_metadata \{\s+values = \{([^}]*)\}/.exec(pipeline)?.[1] ?? ''
    expect([...metadata.matchAll(/(\w+) +=/g)].map(([, name]) => name)).toEqual([...lineMetadata])
    // A label with many values would make a stream of each: an id never is one.
    expect(labels.filter((label) => /id$/i.test(label))).toEqual([])
  })
})
