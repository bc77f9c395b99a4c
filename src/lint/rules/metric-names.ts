import { exporterPrefix, labelsOfSeries, type SeriesLabels, targetLabels } from '../known-series.ts'
import { type LabelMatcher, type Promql, readPromql, templateValue } from '../promql.ts'
import type { Finding, Located, Rule } from '../rule.ts'
import type { Watch } from '../watch.ts'

/** Every series that a rule, a runbook or a dashboard asks for exists, with those labels and values. */
export const metricNames: Rule = {
  name: 'metric-names',
  why: 'a misspelt series is no error to Prometheus but an empty answer, and its alert never fires',
  check: ({ watch }) => watch.queries.flatMap((query) => queryFindings(query, watch)),
}

function queryFindings({ value, at }: Located<string>, watch: Watch): Finding[] {
  const text = value.replaceAll(/\{\{.*?\}\}/g, templateValue)
  const query = readPromql(text)
  if (query.faultAt !== undefined) {
    const what = `"${value}" is no PromQL from character ${query.faultAt} on`
    return [{ at, what, next: 'Correct it; each line of a promql block is one expression' }]
  }
  return problemsOf(query, watch).map(({ what, next }) => ({ at, what, next }))
}

function problemsOf(query: Promql, watch: Watch): Omit<Finding, 'at'>[] {
  const known: SeriesLabels[] = []
  const problems: Omit<Finding, 'at'>[] = []
  let isOpen = false
  for (const { metric, matchers } of query.selectors) {
    if (metric?.startsWith(exporterPrefix)) {
      isOpen = true
      continue
    }
    const labels = metric === undefined ? targetLabels : labelsOf(metric, watch)
    if (labels === undefined) {
      problems.push({ what: `there is no series ${metric}`, next: 'docs/monitoring.md has the metrics' })
      continue
    }
    known.push(labels)
    problems.push(...matchers.flatMap((matcher) => matcherProblems(metric ?? 'a series', labels, matcher)))
  }
  const grouped = query.groupedBy.filter((label) => label !== '__name__' && !known.some((labels) => label in labels))
  // Without a series that is known nothing can be said of labels.
  if (problems.length > 0 || isOpen) return problems
  return grouped.map((label) => {
    return { what: `no series of the expression has the label ${label}`, next: 'docs/monitoring.md has the labels' }
  })
}

/** A recorded series has at most the labels of what it is made of. */
function labelsOf(metric: string, watch: Watch, depth = 0): SeriesLabels | undefined {
  const recording = watch.recordings.get(metric)
  if (recording === undefined || depth > 10) return labelsOfSeries(metric)
  const sources = readPromql(recording.value).selectors.flatMap((selector) =>
    selector.metric === undefined ? [] : [labelsOf(selector.metric, watch, depth + 1) ?? {}],
  )
  return Object.assign({}, ...(sources.length === 0 ? [{ objective: 'free' }] : sources)) as SeriesLabels
}

function matcherProblems(metric: string, labels: SeriesLabels, matcher: LabelMatcher): Omit<Finding, 'at'>[] {
  const { label, operator, value } = matcher
  const values = labels[label]
  if (values === undefined) {
    return [{ what: `${metric} has no label ${label}`, next: 'docs/monitoring.md has the labels' }]
  }
  if (values === 'free' || value.includes(templateValue)) return []
  const wanted = operator.endsWith('~') ? value.split('|') : [value]
  return wanted
    .filter((each) => !values.some((possible) => new RegExp(`^(?:${each})$`).test(possible)))
    .map((each) => {
      return { what: `${label} of ${metric} is never ${each}`, next: `It is one of ${values.join(', ')}` }
    })
}
