import { stringify } from 'yaml'

/** One YAML document with a comment above it that says where it comes from. */
export function yamlText(comment: string, value: unknown): string {
  const made = 'Made by `npm run generate`; edits are lost.'
  const head = [made, ...comment.split('\n')].map((line) => `# ${line}`.trimEnd()).join('\n')
  // Prometheus and Alertmanager read YAML 1.1, where a bare 09:00 is a number.
  return `${head}\n${stringify(value, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false })}`
}
