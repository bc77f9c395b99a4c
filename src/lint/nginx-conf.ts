import { type NginxToken, nginxTokens } from './nginx-tokens.ts'
import type { Comment, Place, Read } from './rule.ts'

/** `name args… ;` or `name args… { block }`. */
export interface Directive {
  readonly name: string
  readonly args: readonly string[]
  readonly at: Place
  /** Undefined of the file itself, whose name is empty. */
  readonly parent: Directive | undefined
  /** Undefined when it ends with a semicolon. */
  readonly block: readonly Directive[] | undefined
}

export interface NginxConf {
  readonly root: Directive
  readonly comments: readonly Comment[]
}

/** Nesting in brackets: what is open, and what the file came to so far. */
interface Open {
  readonly directive: Directive
  readonly block: Directive[]
}

export function readNginxConf(file: string, text: string): Read<NginxConf> {
  const tokens = nginxTokens(text)
  const at = ({ line }: NginxToken) => ({ file, line })
  const comments = tokens.filter(({ kind }) => kind === 'comment').map((token) => ({ text: token.text, at: at(token) }))
  const block: Directive[] = []
  const root: Directive = { name: '', args: [], at: { file, line: 1 }, parent: undefined, block }
  const open: Open[] = [{ directive: root, block }]
  let words: NginxToken[] = []

  for (const token of tokens.filter(({ kind }) => kind !== 'comment')) {
    const fault = faultOf(token, words[0], open.length)
    if (fault !== undefined) return unreadable(at(token), fault)
    if (token.kind === 'word') words.push(token)
    else if (token.kind === '}') open.pop()
    else {
      const begun = begin(words, token.kind === '{', open.at(-1), at)
      if (begun !== undefined) open.push(begun)
      words = []
    }
  }
  const [unfinished] = words
  if (unfinished !== undefined) return unreadable(at(unfinished), `"${unfinished.text}" is not ended by ";"`)
  const innermost = open.at(-1)?.directive ?? root
  if (innermost !== root) return unreadable(innermost.at, `the block of "${innermost.name}" is not closed by "}"`)
  return { value: { root, comments } }
}

/** Why the token can't stand here; undefined when it can. `first`: the directive that is not ended yet. */
function faultOf({ kind, text }: NginxToken, first: NginxToken | undefined, depth: number): string | undefined {
  if (kind === 'unterminated') return `the quote ${text} has no end`
  if (kind === '}' && first !== undefined) return `"${first.text}" is not ended by ";" before "}"`
  if (kind === '}' && depth === 1) return '"}" closes nothing'
  if ((kind === ';' || kind === '{') && first === undefined) return `"${kind}" stands without a directive`
  return undefined
}

/** Puts the directive into the innermost block; gives its own block when it has one. */
function begin(
  [name, ...args]: readonly NginxToken[],
  hasBlock: boolean,
  around: Open | undefined,
  at: (token: NginxToken) => Place,
): Open | undefined {
  if (name === undefined || around === undefined) return undefined
  const block: Directive[] | undefined = hasBlock ? [] : undefined
  const directive: Directive = {
    ...{ name: name.text, args: args.map(({ text }) => text), at: at(name) },
    ...{ parent: around.directive, block },
  }
  around.block.push(directive)
  return block === undefined ? undefined : { directive, block }
}

function unreadable(at: Place, what: string): Read<NginxConf> {
  return {
    problems: [
      { rule: 'syntax', at, what, next: 'Correct it until nginx -t is content: nothing of the file can be read' },
    ],
  }
}

/** Every directive of this name below, at any depth. */
export function allNamed(directive: Directive, name: string): Directive[] {
  return (directive.block ?? []).flatMap((inner) => [...(inner.name === name ? [inner] : []), ...allNamed(inner, name)])
}

/** What counts in this block: its own setting, or the one of the nearest block around it. */
export function effective(block: Directive, name: string): Directive | undefined {
  const own = block.block?.find((inner) => inner.name === name)
  return own ?? (block.parent === undefined ? undefined : effective(block.parent, name))
}
