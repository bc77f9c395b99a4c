import { parser } from '@prometheus-io/lezer-promql'

/** Stands for what a template or a variable is filled in with: nobody here knows the value. */
export const templateValue = 'TEMPLATE'

export interface LabelMatcher {
  readonly label: string
  readonly operator: string
  readonly value: string
}

/** `name{matchers}`, with or without a range. */
export interface Selector {
  /** Undefined where only labels select. */
  readonly metric: string | undefined
  readonly matchers: readonly LabelMatcher[]
}

export interface Promql {
  readonly selectors: readonly Selector[]
  /** Labels of `by`, `on`, `ignoring`, `without` and `group_left`. */
  readonly groupedBy: readonly string[]
  /** Where it can't be understood, as a column from 1; undefined when it can. */
  readonly faultAt: number | undefined
}

/** Reads an expression with the grammar of Prometheus' own editor. */
export function readPromql(text: string): Promql {
  const selectors: { metric: string | undefined; matchers: LabelMatcher[] }[] = []
  const groupedBy: string[] = []
  let faultAt: number | undefined
  parser.parse(text).iterate({
    enter({ name, type, from, to, node }) {
      if (type.isError) faultAt ??= from + 1
      const inner = text.slice(from, to)
      const selector = selectors.at(-1)
      switch (name) {
        case 'VectorSelector':
          selectors.push({ metric: undefined, matchers: [] })
          break
        case 'Identifier':
          if (selector !== undefined) selector.metric = inner
          break
        case 'UnquotedLabelMatcher':
          selector?.matchers.push(...readMatcher(inner))
          break
        case 'LabelName':
          if (node.parent?.name === 'GroupingLabels') groupedBy.push(inner)
      }
    },
  })
  return { selectors, groupedBy, faultAt }
}

function readMatcher(text: string): LabelMatcher[] {
  const [, label, operator, , value] = /^(\w+)\s*(=~|!~|!=|=)\s*(["'`])(.*)\3$/s.exec(text) ?? []
  return label === undefined || operator === undefined || value === undefined ? [] : [{ label, operator, value }]
}
