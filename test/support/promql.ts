import type { SyntaxNode } from '@lezer/common'
import { parser } from '@prometheus-io/lezer-promql'

export interface Matcher {
  readonly label: string
  readonly op: '=' | '!=' | '=~' | '!~'
  readonly value: string
}

export interface Selector {
  readonly metric: string
  readonly matchers: readonly Matcher[]
}

export interface ParsedQuery {
  readonly selectors: readonly Selector[]
  /** Labels that aggregations, `on` and `group_left` name. */
  readonly groupings: readonly string[]
  /** Labels that `label_replace` makes. */
  readonly made: readonly string[]
}

/** What a PromQL expression selects and groups by; throws where it is no PromQL. */
export function parsePromql(expression: string): ParsedQuery {
  const text = (node: SyntaxNode) => expression.slice(node.from, node.to)
  const nodes: SyntaxNode[] = []
  parser.parse(expression).iterate({ enter: ({ node }) => void nodes.push(node) })
  const error = nodes.find((node) => node.type.isError)?.from
  if (error !== undefined) {
    throw new Error(`no PromQL at ${error}: ${expression.slice(0, error)} ◂ ${expression.slice(error)}`)
  }
  const named = (name: string) => nodes.filter((node) => node.name === name)
  return {
    selectors: named('VectorSelector').map((node) => {
      const name = node.getChild('Identifier')
      const list = node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? []
      return { metric: name ? text(name) : '', matchers: list.map((matcher) => matcherOf(matcher, text)) }
    }),
    groupings: named('GroupingLabels').flatMap((node) => node.getChildren('LabelName').map(text)),
    made: named('FunctionCall').flatMap((node) => /^label_replace\(.*?, "(\w+)",/.exec(text(node))?.[1] ?? []),
  }
}

function matcherOf(node: SyntaxNode, text: (node: SyntaxNode) => string): Matcher {
  const [label, op, value] = ['LabelName', 'MatchOp', 'StringLiteral'].map((part) => node.getChild(part))
  if (!label || !op || !value) throw new Error(`a matcher can't be read: ${text(node)}`)
  return { label: text(label), op: text(op) as Matcher['op'], value: JSON.parse(text(value)) as string }
}

/** Whether a series with these labels is selected; a label that it lacks is empty. */
export function matches(labels: Readonly<Record<string, string>>, matchers: readonly Matcher[]): boolean {
  return matchers.every(({ label, op, value }) => {
    const actual = labels[label] ?? ''
    const equal = op.endsWith('~') ? new RegExp(`^(?:${value})$`).test(actual) : actual === value
    return op.startsWith('!') ? !equal : equal
  })
}
