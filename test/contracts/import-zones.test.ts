import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { projectRoot } from './project-files.ts'

const pg = 'only src/db imports pg; call a function of src/db instead'
const top = 'nothing imports src/bin or src/service.ts; take what is needed as an argument'
const outsider = 'the service and src/monitor are separate programs; neither imports the other'
const shared =
  'what both programs share knows neither: it imports src/observation, src/statistics, src/report, src/charts and src/slo only'
const loaded = 'nothing imports src/lint but src/bin: the server never loads it'
const declared = 'src/lint reads what the code declares, and imports no other part of it'
const telemetry = 'src/telemetry knows no feature: it imports src/config.ts and src/errors.ts only'
const db = 'src/db knows no feature: it imports src/telemetry, src/config.ts and src/errors.ts only'
const http = 'src/http calls the features; of src/http they import problem.ts only'
const core = 'the health core imports values from src/health only; take what else is needed as an argument'
const pure = 'this file is pure: records in, records out; no builtin, no library, no other folder'

const refused: [path: string, line: string, reason: string][] = [
  ['src/http/orders.ts', "import { Pool } from 'pg'", pg],
  ['src/http/cursor.ts', "import type Cursor from 'pg-cursor'", pg],
  ['src/service.ts', "const pg = await import('pg')", pg],
  ['src/http/up.ts', "import { createService } from '../service.ts'", top],
  ['src/health/executable.ts', "import type { Server } from '../bin/server.ts'", top],
  ['src/service-probe.ts', "import { probe } from './monitor/probe.ts'", outsider],
  ['src/monitor/run.ts', "import { createLogger } from '../telemetry/logger.ts'", outsider],
  ['src/monitor/options.ts', "import type { Config } from '../config.ts'", outsider],
  ['src/monitor/report/json.ts', "import { createEngine } from '../../health/engine.ts'", outsider],
  [
    'src/monitor/replay.ts',
    "import { store } from '../history/observations.ts'",
    'src/monitor imports from src/history types only',
  ],
  ['src/service-lint.ts', "const { lint } = await import('./lint/lint.ts')", loaded],
  ['src/http/rules.ts', "import type { Rule } from '../lint/rule.ts'", loaded],
  ['src/lint/engine.ts', "import { createEngine } from '../health/engine.ts'", declared],
  ['src/lint/rules/pool.ts', "import type { Database } from '../../db/database.ts'", declared],
  ['src/lint/log.ts', "import { createLogger } from '../telemetry/logger.ts'", declared],
  ['src/telemetry/metrics.ts', "import type { CheckRecord } from '../health/check.ts'", telemetry],
  ['src/db/query.ts', "import type { CheckRecord } from '../health/check.ts'", db],
  ['src/db/lock-waits.ts', "import type { LocalFault } from '../healing/local-fault.ts'", db],
  ['src/health/answer.ts', "import { createEdge } from '../http/edge.ts'", http],
  ['src/health/routes.ts', "import { createEdge } from '../http/edge.ts'", http],
  ['src/history/incidents.ts', "import { createEdge } from '../http/edge.ts'", http],
  ['src/health/engine.ts', "import { createLogger } from '../telemetry/logger.ts'", core],
  ['src/health/checks/database.ts', "import { createPool } from '../../db/database.ts'", core],
  ['src/health/checks/lazy.ts', "const db = await import('../../db/database.ts')", core],
  ['src/health/checks/mixed.ts', "import { type Database, open } from '../../db/database.ts'", core],
  ['src/health/report.ts', "import { hrtime } from 'node:process'", pure],
  ['src/health/format/text.ts', "import { format } from 'node:util'", pure],
  ['src/report/assessment.ts', "import { createEngine } from '../health/engine.ts'", shared],
  ['src/observation/observation.ts', "import { probe } from '../db/database.ts'", shared],
  ['src/statistics/rank.ts', "import { readFile } from 'node:fs'", pure],
  ['src/slo/burn-rate.ts', "import { read } from '../history/observations.ts'", pure],
  ['src/status/view.ts', "import express from 'express'", pure],
  ['src/status/latency-view.ts', "import { scaleUtc } from 'd3-scale'", pure],
]

const allowed: [path: string, line: string][] = [
  ['src/db/database.ts', "import { Pool } from 'pg'"],
  ['src/db/log.ts', "import { createLogger } from '../telemetry/logger.ts'"],
  ['src/bin/server.ts', "import { createService } from '../service.ts'"],
  ['src/bin/medio.ts', "const monitor = await import('../monitor/run.ts')"],
  ['src/monitor/criteria.ts', "import { burnRate } from '../slo/burn-rate.ts'"],
  ['src/monitor/sinks.ts', "import type { Observation } from '../history/records.ts'"],
  ['src/bin/lint-command.ts', "import { lint } from '../lint/lint.ts'"],
  ['src/lint/rules/signals.ts', "import { stopSignals } from '../../lifecycle/signals.ts'"],
  ['src/lint/series.ts', "import { metricDefinitions } from '../telemetry/metric-definitions.ts'"],
  ['src/lint/deadlines.ts', "import { shutdownSteps } from '../shutdown-steps.ts'"],
  ['src/lint/rules/check-paths.ts', "import { openPaths } from '../../health/paths.ts'"],
  ['src/lint/rules/keep-alive.ts', "import { serverTimeouts } from '../../http/listen.ts'"],
  ['src/telemetry/logger.ts', "import type { Config } from '../config.ts'"],
  ['src/http/app.ts', "import { createHealthRoutes } from '../health/routes.ts'"],
  ['src/history/routes.ts', "import { ProblemError } from '../http/problem.ts'"],
  ['src/health/registry.ts', "import type { Database } from '../db/database.ts'"],
  ['src/health/checks/redis.ts', "const redis = await import('@redis/client')"],
  ['src/health/checks/disk.ts', "import { CheckFailure } from '../check.ts'"],
  ['src/health/format/json.ts', "import type { HealthReport } from '../report.ts'"],
  ['src/slo/error-budget.ts', "import { objectives } from './objectives.ts'"],
  ['src/service-parts.ts', "import { createDatabase } from './db/database.ts'"],
  ['test/db/pool.test.ts', "import { Pool } from 'pg'"],
]

interface Report {
  diagnostics: { category: string; message: string; location: { path: string } }[]
}

/** Every case in one file tree and one run of the linter, with the project's own configuration and only its plugin on. */
describe('import zones', () => {
  const directory = mkdtempSync(join(tmpdir(), 'import-zones-'))
  // A checkout below a folder named src must not change what a zone sees.
  const tree = join(directory, 'src/checkout')
  const reasons = new Map<string, string[]>()

  beforeAll(async () => {
    mkdirSync(tree, { recursive: true })
    cpSync(join(projectRoot, 'biome.json'), join(tree, 'biome.json'))
    cpSync(join(projectRoot, 'tools/import-zones.grit'), join(tree, 'tools/import-zones.grit'))
    for (const [path, line] of [...refused, ...allowed]) {
      mkdirSync(dirname(join(tree, path)), { recursive: true })
      writeFileSync(join(tree, path), `${line}\n`)
    }
    for (const { category, message, location } of (await lint(tree)).diagnostics) {
      if (category === 'plugin') reasons.set(location.path, [...(reasons.get(location.path) ?? []), message])
    }
  })
  afterAll(() => rmSync(directory, { recursive: true }))

  it.each(refused)('refuse in %s: %s', (path, _line, reason) => {
    expect(reasons.get(path)).toEqual([reason])
  })

  it.each(allowed)('allow in %s: %s', (path) => {
    expect(reasons.get(path)).toBeUndefined()
  })
})

function lint(directory: string): Promise<Report> {
  const { promise, resolve, reject } = Promise.withResolvers<Report>()
  const biome = join(projectRoot, 'tools/biome/biome.js')
  const options = ['lint', '--reporter=json', '--max-diagnostics=none', '--only=plugin']
  execFile(process.execPath, [biome, ...options], { cwd: directory, maxBuffer: 16e6 }, (error, stdout, stderr) => {
    try {
      resolve(JSON.parse(stdout))
    } catch {
      reject(new Error(`the linter gave no report: ${stderr}`, { cause: error }))
    }
  })
  return promise
}
