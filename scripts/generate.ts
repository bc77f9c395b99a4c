/**
 * Writes what is made from the code, blocks of documents and whole files: `npm run generate`. With `--check` it writes
 * nothing and fails when something is out of step.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type MetricDefinition, metricDefinitions } from '../src/telemetry/metric-definitions.ts'
import { alertingFiles, ownedByAlerting } from './alerting/alerting-files.ts'
import { boardAndLogFiles, ownedByBoards } from './board-and-log-files.ts'
import { pricesTable, profilesTable } from './deploy-tables.ts'
import { settleFiles } from './generated-file.ts'

const flyToml = readFileSync(join(import.meta.dirname, '../fly.toml'), 'utf8')
const blocks = [
  { file: 'docs/monitoring.md', name: 'metrics', lines: metricsTable },
  { file: 'docs/deploy.md', name: 'profiles', lines: () => profilesTable(flyToml) },
  { file: 'docs/deploy.md', name: 'prices', lines: () => pricesTable(flyToml) },
]

function metricsTable(): string[] {
  const rows = Object.values<MetricDefinition>(metricDefinitions).map(({ name, type, labels = {}, buckets, help }) => {
    const labelCells = Object.entries(labels).map(([label, values]) =>
      values === 'free' || values.length > 5 ? `\`${label}\`` : `\`${label}\` (${values.join(', ')})`,
    )
    const shape = buckets === undefined ? type : `${type}: ${buckets.join(', ')} s`
    return `| \`${name}\` | ${shape} | ${labelCells.join(', ')} | ${help} |`
  })
  return ['| metric | type | labels | meaning |', '| --- | --- | --- | --- |', ...rows]
}

const check = process.argv.includes('--check')
let outOfStep = false
for (const { file, name, lines } of blocks) {
  const path = join(import.meta.dirname, '..', file)
  const text = readFileSync(path, 'utf8')
  const marked = new RegExp(`(<!-- generated: ${name} -->\n)[^]*?(<!-- end -->)`)
  if (!marked.test(text)) throw new Error(`${file} has no block "<!-- generated: ${name} -->"; put it back`)
  const generated = text.replace(marked, (_all, begin, end) => `${begin}\n${lines().join('\n')}\n\n${end}`)
  if (generated === text) continue
  if (check) {
    outOfStep = true
    console.error(`${file}: the ${name} differ from the code; run: npm run generate`)
  } else writeFileSync(path, generated)
}
for (const problem of settleFiles({
  root: join(import.meta.dirname, '..'),
  files: [...alertingFiles(flyToml), ...boardAndLogFiles()],
  owned: [...ownedByAlerting, ...ownedByBoards],
  check,
})) {
  outOfStep = true
  console.error(problem)
}
process.exitCode = outOfStep ? 1 : 0
