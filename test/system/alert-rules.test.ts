import { spawnSync } from 'node:child_process'
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const ops = join(import.meta.dirname, '../../ops')
const files = (pattern: string) => globSync(pattern, { cwd: ops }).toSorted()

/** The exit code of a program and what it said. */
function run(program: string, args: readonly string[], cwd = ops) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, encoding: 'utf8' })
  if (error !== undefined) throw new Error(`${program} did not run`, { cause: error })
  return { exitCode: status, said: `${stdout}${stderr}` }
}

describe('promtool', () => {
  it('takes the rules and both configurations of Prometheus', () => {
    expect(files('prometheus/rules/*.yml').length).toBeGreaterThan(0)
    expect(run('promtool', ['check', 'rules', ...files('prometheus/rules/*.yml')])).toMatchObject({ exitCode: 0 })
    for (const config of ['prometheus/prometheus.yml', 'prometheus/prometheus.fly.yml']) {
      expect(run('promtool', ['check', 'config', config])).toMatchObject({ exitCode: 0 })
    }
  })

  it.each(files('prometheus/tests/*.yml'))('sees fire, stay silent and resolve: %s', { timeout: 120_000 }, (file) => {
    expect(run('promtool', ['test', 'rules', file])).toMatchObject({ exitCode: 0 })
  })

  it.each([
    ['a threshold that is higher', 'traffic-alerts', '> 0.05', '> 0.15', 'HighErrorRate'],
    ['a threshold that is lower', 'traffic-alerts', '> 0.05', '> 0.049', 'HighErrorRate'],
    ['a wait that is longer', 'health-alerts', 'for: 2m', 'for: 3m', 'HealthCheckFailed'],
    [
      'a count that increase() makes',
      'machine-alerts',
      'machine:machine_starts:increase1h{kind="boot", reason=~',
      'increase(machine_starts_total[1h]) and machine_starts_total{kind="boot", reason=~',
      'MachineRestartRate',
    ],
  ])('refuses %s', (_what, rules, from, to, alert) => {
    const directory = mkdtempSync(join(tmpdir(), 'medio-rules-'))
    try {
      cpSync(join(ops, 'prometheus'), directory, { recursive: true })
      const path = join(directory, `rules/${rules}.yml`)
      const text = readFileSync(path, 'utf8')
      expect(text).toContain(from)
      writeFileSync(path, text.replaceAll(from, to))
      const { exitCode, said } = run('promtool', ['test', 'rules', `tests/${alert}.yml`], directory)
      expect(exitCode).toBe(1)
      expect(said).toContain(`alertname: ${alert}`)
    } finally {
      rmSync(directory, { recursive: true })
    }
  })
})

describe('amtool', () => {
  const config = '--config.file=alertmanager/alertmanager.yml'

  it('takes the configuration of Alertmanager with its templates', () => {
    const { exitCode, said } = run('amtool', ['check-config', 'alertmanager/alertmanager.yml'])
    expect(exitCode).toBe(0)
    expect(said).toContain(' - 1 templates')
  })

  it.each([
    ['pagerduty', 'alertname=HealthCheckFailed severity=critical'],
    ['slack-warnings', 'alertname=HealthDegraded severity=warning'],
    ['slack-info', 'alertname=DeploymentComplete severity=info'],
    ['heartbeat', 'alertname=Watchdog severity=none'],
    // Of another's rule, without a severity of ours: it must reach somebody.
    ['slack-warnings', 'alertname=SomethingElse'],
  ])('routes to %s: %s', (receiver, labels) => {
    const args = ['config', 'routes', 'test', config, `--verify.receivers=${receiver}`, ...labels.split(' ')]
    expect(run('amtool', args)).toMatchObject({ exitCode: 0 })
  })

  it('says when an alert reaches another receiver than it should', () => {
    const args = ['config', 'routes', 'test', config, '--verify.receivers=slack-info', 'severity=critical']
    expect(run('amtool', args).exitCode).toBe(1)
  })
})
