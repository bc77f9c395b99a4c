/** A part of nginx.conf, as nginx itself cuts it (ngx_conf_read_token in src/core/ngx_conf_file.c). */
export interface NginxToken {
  readonly kind: 'word' | ';' | '{' | '}' | 'comment' | 'unterminated'
  /** Of a word: without its quotes and escapes. */
  readonly text: string
  readonly line: number
}

// A backslash takes the next character's meaning away; `${name}` belongs to a word, though a brace would end it.
const forms = [
  /(?<space>\s+)/,
  /(?<sign>[;{}])/,
  /#(?<comment>.*)/,
  /"(?<double>(?:\\[\s\S]|[^"\\])*)"/,
  /'(?<single>(?:\\[\s\S]|[^'\\])*)'/,
  /(?!["'])(?<word>(?:\\[\s\S]|\$\{[^}]*\}|[^\s;{\\])+)/,
  /(?<unterminated>[\s\S])/,
]
const part = new RegExp(forms.map(({ source }) => source).join('|'), 'gy')

const controls: Readonly<Record<string, string>> = { t: '\t', r: '\r', n: '\n' }

export function nginxTokens(text: string): NginxToken[] {
  const tokens: NginxToken[] = []
  let line = 1
  for (const { 0: all, groups = {} } of text.matchAll(part)) {
    const { space, sign, comment, double, single, word, unterminated } = groups
    const written = double ?? single ?? word
    if (sign !== undefined) tokens.push({ kind: sign as ';' | '{' | '}', text: sign, line })
    else if (comment !== undefined) tokens.push({ kind: 'comment', text: comment.trim(), line })
    else if (unterminated !== undefined) return [...tokens, { kind: 'unterminated', text: unterminated, line }]
    else if (space === undefined) tokens.push({ kind: 'word', text: unescaped(written ?? ''), line })
    line += all.split('\n').length - 1
  }
  return tokens
}

const unescaped = (text: string) => text.replaceAll(/\\(["'\\trn])/g, (_all, sign: string) => controls[sign] ?? sign)
