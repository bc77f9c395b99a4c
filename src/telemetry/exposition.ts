export interface Exposition {
  readonly contentType: string
  readonly body: string
}

/** OpenMetrics when the Accept header names it, the Prometheus text format otherwise. */
export function exposition(text: string, accept: string | undefined): Exposition {
  if (accept?.includes('application/openmetrics-text')) {
    return { contentType: 'application/openmetrics-text; version=1.0.0; charset=utf-8', body: toOpenMetrics(text) }
  }
  return { contentType: 'text/plain; version=0.0.4; charset=utf-8', body: text }
}

/**
 * The two formats differ, for what this service has, in three things: a counter's family has no `_total`, there are no
 * empty lines, and the end is marked. Done here because the library's own OpenMetrics output renames its counters for
 * good, so that the same registry can't answer in both. https://prometheus.io/docs/specs/om/open_metrics_spec/
 */
function toOpenMetrics(text: string): string {
  const families = text.replace(
    /^# HELP (\S+)_total (.*)\n# TYPE \1_total counter$/gm,
    '# HELP $1 $2\n# TYPE $1 counter',
  )
  return `${families.replaceAll('\n\n', '\n')}# EOF\n`
}
