/**
 * What happened beside the curves, asked of the metrics: nobody has to remember to draw a line. Both look back over a
 * day, so that a machine that slept for the night is not taken for a new one.
 */
import { AnnotationQueryBuilder } from '@grafana/grafana-foundation-sdk/dashboard'
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus'
import { prometheus, selected } from './selection.ts'

/** One step of the query, whatever range is shown: so each event falls on one, and none between two. */
const markFor = '$__interval'
/** The shortest step: a few scrapes. */
const minimumStep = '1m'

export const deploymentQuery = `max by (version, commit) (${selected('build_info')}) unless on (version, commit) max by (version, commit) (last_over_time(${selected('build_info')}[1d] offset ${markFor}))`

const starts = selected('machine_starts_total')
/** Counters that grew or came: `increase()` would miss a first start, which begins at 1. */
export const startQuery = `max by (instance, kind, reason) ((${starts} unless ${starts} == last_over_time(${starts}[1d] offset ${markFor})) > 0)`

export const annotations = () => [
  mark('Deployments', 'blue', deploymentQuery, 'Deployment', '{{version}} ({{commit}})'),
  mark('Starts and resumes', 'purple', startQuery, '{{kind}}: {{reason}}', 'instance {{instance}}'),
]

function mark(name: string, colour: string, expr: string, title: string, text: string): AnnotationQueryBuilder {
  return new AnnotationQueryBuilder()
    .name(name)
    .datasource(prometheus)
    .enable(true)
    .iconColor(colour)
    .titleFormat(title)
    .textFormat(text)
    .target(new DataqueryBuilder().refId('Anno').datasource(prometheus).expr(expr).interval(minimumStep).range())
}
