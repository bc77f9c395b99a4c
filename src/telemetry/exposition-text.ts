/** Pieces of the Prometheus text format: https://prometheus.io/docs/instrumenting/exposition_formats/ */

export function familyHeader(family: { readonly name: string; readonly help: string; readonly type: string }): string {
  return `# HELP ${family.name} ${family.help}\n# TYPE ${family.name} ${family.type}\n`
}

/** `{a="1",b="2"}`, or nothing without labels. */
export function labelText(labels: Readonly<Record<string, string | number>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(String(value))}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

const escaped = (value: string) => value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')
