import { hash } from 'node:crypto'

/** Enough to recognise a statement by; also what one log line can bear. */
const maxLength = 1_000
/** As much is read: some 10 ms of the event loop at worst, and more than any statement without lists of values has. */
const maxRead = 32_768

/**
 * The start of one token of Postgres' lexer (https://www.postgresql.org/docs/18/sql-syntax-lexical.html); characters
 * above ASCII are letters. Ends that lie far away are searched for without the expression, whose stack they would fill.
 */
const tokenStart = new RegExp(
  [
    /(?<blank>\s+|--|\/\*)/,
    /(?<string>(?:[bBeEnNxX]|[uU]&)?')/,
    /(?<dollar>\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$)/,
    /(?<number>\$\d+|(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?\w*)/,
    /(?<quoted>(?:[uU]&)?")/,
    /(?<word>[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)/,
    /(?<sign>.)/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'sy',
)
type Token = Readonly<Record<'blank' | 'string' | 'dollar' | 'number' | 'quoted' | 'word' | 'sign', string | undefined>>

/** The statement without any value: fit for logs, and the same for all of its executions. Cut to 1,000 characters. */
export function normaliseSql(sql: string): string {
  const text = sql.slice(0, maxRead)
  let out = ''
  let at = 0
  let space = false
  while (at < text.length && out.length <= maxLength) {
    tokenStart.lastIndex = at
    const token = tokenStart.exec(text)?.groups as Token
    const start = at
    at = endOf(token, text, tokenStart.lastIndex)
    if (token.blank === undefined) out = append(out, pieceOf(token, text.slice(start, at)), space)
    space = token.blank !== undefined
  }
  return out.slice(0, maxLength)
}

function pieceOf(token: Token, whole: string): string {
  // A quote that is never closed may have been meant as a value.
  if (token.quoted !== undefined) return whole.length > token.quoted.length && whole.endsWith('"') ? whole : '?'
  return token.word?.toLowerCase() ?? token.sign ?? '?'
}

/** Where the token that starts before `from` ends; the end of the text if it is never closed. */
function endOf(token: Token, text: string, from: number): number {
  if (token.string !== undefined) return endOfQuote(text, from, "'", /^e/i.test(token.string))
  if (token.quoted !== undefined) return endOfQuote(text, from, '"', false)
  if (token.dollar !== undefined) return after(text, from, token.dollar)
  if (token.blank === '--') return after(text, from, '\n')
  if (token.blank === '/*') return endOfComment(text, from)
  return from
}

function after(text: string, from: number, mark: string): number {
  const found = text.indexOf(mark, from)
  return found === -1 ? text.length : found + mark.length
}

/** A doubled quote stands for itself, and so does one after a backslash where those escape. */
function endOfQuote(text: string, from: number, quote: string, backslashEscapes: boolean): number {
  for (let at = from; ; ) {
    const found = text.indexOf(quote, at)
    if (found === -1) return text.length
    let backslashes = 0
    while (backslashEscapes && found - backslashes > at && text[found - backslashes - 1] === '\\') backslashes++
    const escaped = backslashes % 2 === 1
    if (!escaped && text[found + 1] !== quote) return found + 1
    at = found + (escaped ? 1 : 2)
  }
}

/** Spaces as a person sets them, so that layout makes no difference; a list of values is one value, rows are one row. */
function append(out: string, piece: string, space: boolean): string {
  if (piece === '?' && out.endsWith('?,')) return out.slice(0, -1)
  if (piece === ')' && out.endsWith('(?), (?')) return out.slice(0, -'), (?'.length) + piece
  if (piece === ',' || piece === ')' || piece === ';') return out + piece
  if (out === '' || out.endsWith('(')) return out + piece
  if (out.endsWith(',') || (piece === '(' && /\b(?:in|values|and|or|any|all)$/.test(out))) return `${out} ${piece}`
  return space ? `${out} ${piece}` : out + piece
}

/** Block comments nest. */
function endOfComment(text: string, from: number): number {
  const edge = /\/\*|\*\//g
  edge.lastIndex = from
  for (let depth = 1; depth > 0; ) {
    const found = edge.exec(text)
    if (found === null) return text.length
    depth += found[0] === '/*' ? 1 : -1
  }
  return edge.lastIndex
}

/** Short and the same in every process and version: 16 hexadecimal digits. */
export function fingerprint(normalised: string): string {
  return hash('sha256', normalised).slice(0, 16)
}
