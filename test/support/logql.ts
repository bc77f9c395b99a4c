import { parser } from '@grafana/lezer-logql'
import type { SyntaxNode } from '@lezer/common'

export interface ParsedLogql {
  /** Of the stream selectors: label, operator, value. */
  readonly streams: readonly LabelMatch[]
  /** Filters behind the selector that compare with a text. */
  readonly filters: readonly LabelMatch[]
  /** What `| json` takes out of a line: its name, and its path in the line. */
  readonly extracted: readonly { readonly name: string; readonly path: string }[]
  /** Names that filters, `unwrap`, groupings and `line_format` use. */
  readonly used: readonly string[]
}

interface LabelMatch {
  readonly label: string
  readonly op: string
  readonly value: string
}

/** What a LogQL expression names; throws where it is no LogQL. */
export function parseLogql(expression: string): ParsedLogql {
  const text = (node: SyntaxNode) => expression.slice(node.from, node.to)
  const nodes: SyntaxNode[] = []
  parser.parse(expression).iterate({ enter: ({ node }) => void nodes.push(node) })
  const error = nodes.find((node) => node.type.isError)?.from
  if (error !== undefined) {
    throw new Error(`no LogQL at ${error}: ${expression.slice(0, error)} ◂ ${expression.slice(error)}`)
  }
  const named = (name: string) => nodes.filter((node) => node.name === name)
  const identifiers = (node: SyntaxNode) => node.getChildren('Identifier').map(text)
  const matchers = named('Matcher').map((node) => {
    const [label = ''] = identifiers(node)
    const value = node.getChild('String')
    return {
      inStream: node.parent?.name === 'Matchers',
      match: { label, op: /^\w+\s*([=!~]+)/.exec(text(node))?.[1] ?? '', value: value ? unquoted(text(value)) : '' },
    }
  })
  const formats = named('LineFormatExpr').map((node) => text(node))
  return {
    streams: matchers.filter(({ inStream }) => inStream).map(({ match }) => match),
    filters: matchers.filter(({ inStream }) => !inStream).map(({ match }) => match),
    extracted: named('LabelExtractionExpression').map((node) => {
      const path = node.getChild('String')
      return { name: identifiers(node)[0] ?? '', path: path ? unquoted(text(path)) : '' }
    }),
    used: [
      ...matchers.filter(({ inStream }) => !inStream).map(({ match }) => match.label),
      ...named('NumberFilter').flatMap(identifiers),
      ...named('UnwrapExpr').flatMap(identifiers),
      ...named('Labels').flatMap(identifiers),
      ...formats.flatMap((format) => [...format.matchAll(/\{\{\.(\w+)\}\}/g)].map(([, name = '']) => name)),
    ],
  }
}

const unquoted = (literal: string) => JSON.parse(literal) as string
