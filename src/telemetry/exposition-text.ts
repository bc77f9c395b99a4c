/** Pieces of the Prometheus text format: https://prometheus.io/docs/instrumenting/exposition_formats/ */

export function familyHeader(family: { readonly name: string; readonly help: string; readonly type: string }): string {
  return `# HELP ${family.name} ${family.help}\n# TYPE ${family.name} ${family.type}\n`
}

/** `{a="1",b="2"}`, or nothing without labels. */
export function labelText(labels: Readonly<Record<string, string | number>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(String(value))}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

/**
 * ` # {…} 0.07 1764201600.123`: the value, and when it was, behind a bucket. The names are the usual ones, those that
 * Grafana looks for. https://prometheus.io/docs/specs/om/open_metrics_spec/#exemplars
 */
export function exemplarText(
  exemplar:
    | {
        readonly span: { readonly traceId: string; readonly spanId: string }
        readonly seconds: number
        readonly wallMs: number
      }
    | undefined,
): string {
  if (exemplar === undefined) return ''
  const { span, seconds, wallMs } = exemplar
  return ` # ${labelText({ trace_id: span.traceId, span_id: span.spanId })} ${seconds} ${wallMs / 1_000}`
}

const escaped = (value: string) => value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')
