export interface Exposition {
  readonly contentType: string
  readonly body: string
}

const openMetrics = 'application/openmetrics-text'

/** `text`: as `Metrics.render` makes it, with exemplars only for OpenMetrics. */
export function exposition(text: string, accept: string | undefined): Exposition {
  if (wantsOpenMetrics(accept)) {
    return { contentType: `${openMetrics}; version=1.0.0; charset=utf-8`, body: toOpenMetrics(text) }
  }
  return { contentType: 'text/plain; version=0.0.4; charset=utf-8', body: text }
}

/**
 * Whether the Accept header prefers OpenMetrics to the Prometheus text format, which is what everybody else gets (RFC
 * 9110, 12.5.1). A wildcard stands for the text format: who has not heard of OpenMetrics can't read it.
 */
export function wantsOpenMetrics(accept: string | undefined): boolean {
  if (accept === undefined) return false
  const ranges = accept.split(',').map((range) => range.trim().toLowerCase())
  const weight = (type: string) =>
    Math.max(0, ...ranges.filter((range) => range.split(';', 1)[0]?.trim() === type).map(weightOf))
  const wanted = weight(openMetrics)
  return wanted > 0 && wanted >= weight('text/plain')
}

function weightOf(range: string): number {
  const [, weight = '1'] = /;\s*q=([\d.]+)/.exec(range) ?? []
  return Number(weight)
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
