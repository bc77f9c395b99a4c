import { lineLabels, lineMetadata, staticLabels } from './log-fields.ts'
import { logQueries } from './log-queries.ts'

const codes = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(', ')

/** ops/loki/queries.md: one section per question, so that a runbook can link to it. */
export function queriesPage(): string {
  const sections = logQueries.map(
    ({ name, question, logql }) => `## ${name}\n\n${question}\n\n\`\`\`logql\n${logql}\n\`\`\`\n`,
  )
  return `# Questions to the log

Made by \`npm run generate\` from \`scripts/logs/log-queries.ts\`. Paste one into Grafana's Explore or \`logcli query\`; replace
what stands in capitals. Labels: ${codes([...staticLabels, ...lineLabels])}. Without parsing:
${codes(lineMetadata)}. Every other field of a line with \`| json\`
([docs/logging.md](../../docs/logging.md)).

${sections.join('\n')}`
}
