import { type AST, getStaticTOMLValue, ParseError, parseTOML } from 'toml-eslint-parser'
import { type FlyConfig, flySchema } from './fly-schema.ts'
import type { Comment, Place, Problem, Read } from './rule.ts'

type Path = readonly (string | number)[]

export interface FlyToml {
  readonly values: FlyConfig
  readonly comments: readonly Comment[]
  /** Where the key at this path is set; where that is left out, the nearest table around it. */
  at(...path: Path): Place
}

/** Fly's documents have the meaning of each key: https://fly.io/docs/reference/configuration/ */
export function readFlyToml(file: string, text: string): Read<FlyToml> {
  let program: AST.TOMLProgram
  try {
    program = parseTOML(text)
  } catch (error) {
    if (!(error instanceof ParseError)) throw error
    const at = { file, line: error.lineNumber }
    const what = `column ${error.column + 1}: ${error.message}`
    return { problems: [{ rule: 'syntax', at, what, next: 'Correct the line: nothing of the file can be read' }] }
  }
  const lines = linesOf(program)
  const at = (...path: Path) => ({ file, line: lineOf(lines, path) })
  const { data, error } = flySchema.safeParse(getStaticTOMLValue(program))
  if (error !== undefined) return { problems: error.issues.flatMap((issue) => problemsOf(issue, at)) }
  const comments = program.comments.map(({ value, loc }) => ({
    text: value.trim(),
    at: { file, line: loc.start.line },
  }))
  return { value: { values: data, comments, at } }
}

function problemsOf(
  issue: { readonly path: readonly PropertyKey[]; readonly message: string; readonly keys?: readonly string[] },
  at: (...path: Path) => Place,
): Problem[] {
  const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)))
  if (issue.keys === undefined) {
    const what = `${dotted(path)}: ${issue.message.replace(/^Invalid input: /, '')}`
    return [{ rule: 'keys', at: at(...path), what, next: 'Correct the value' }]
  }
  return issue.keys.map((key) => ({
    rule: 'keys',
    at: at(...path, key),
    what: `${dotted([...path, key])} is no key of Fly's reference, and Fly ignores unknown keys in silence`,
    next: 'Correct its name or its place, or take it out',
  }))
}

const dotted = (path: Path) =>
  path.map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index === 0 ? '' : '.'}${step}`)).join('')

const id = (path: Path) => JSON.stringify(path)

function linesOf(program: AST.TOMLProgram): Map<string, number> {
  const lines = new Map<string, number>()

  function addValue(path: Path, node: AST.TOMLContentNode): void {
    if (node.type === 'TOMLInlineTable') for (const pair of node.body) addPair(path, pair)
    if (node.type === 'TOMLArray')
      for (const [index, element] of node.elements.entries()) addValue([...path, index], element)
  }

  function addPair(table: Path, { key, value, loc }: AST.TOMLKeyValue): void {
    const path = [...table, ...key.keys.map((part) => (part.type === 'TOMLBare' ? part.name : part.value))]
    lines.set(id(path), loc.start.line)
    addValue(path, value)
  }

  for (const node of program.body[0].body) {
    if (node.type === 'TOMLKeyValue') addPair([], node)
    else {
      lines.set(id(node.resolvedKey), node.loc.start.line)
      const list = node.resolvedKey.slice(0, -1)
      if (node.kind === 'array' && !lines.has(id(list))) lines.set(id(list), node.loc.start.line)
      for (const pair of node.body) addPair(node.resolvedKey, pair)
    }
  }
  return lines
}

/** A table that stands for a list of one has no index in the file. */
function lineOf(lines: ReadonlyMap<string, number>, path: Path): number {
  for (let length = path.length; length > 0; length -= 1) {
    const part = path.slice(0, length)
    const line = lines.get(id(part)) ?? lines.get(id(part.filter((step) => typeof step === 'string')))
    if (line !== undefined) return line
  }
  return 1
}
