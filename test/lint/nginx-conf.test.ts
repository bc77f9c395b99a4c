import { describe, expect, it } from 'vitest'
import { allNamed, type Directive, effective, readNginxConf } from '../../src/lint/nginx-conf.ts'

const read = (text: string) => readNginxConf('nginx.conf', text)
const plain = (directive: Directive): unknown => [
  directive.name,
  ...directive.args,
  ...(directive.block === undefined ? [] : [directive.block.map(plain)]),
]
const parsed = (text: string) => read(text).value?.root.block?.map(plain)

describe('nginx.conf', () => {
  it.each([
    ['a b c;', [['a', 'b', 'c']]],
    ['a\n  b\n;c;', [['a', 'b'], ['c']]],
    ['http { server { listen 80; } }', [['http', [['server', [['listen', '80']]]]]]],
    ['a "b; {c}" \'d "e"\';', [['a', 'b; {c}', 'd "e"']]],
    ['a "b \\"c\\" \\\\ \\n";', [['a', 'b "c" \\ \n']]],
    ['a b\\ c d\\;e;', [['a', 'b\\ c', 'd\\;e']]],
    ['a "";', [['a', '']]],
    [`a \${b}/c$d;`, [['a', `\${b}/c$d`]]],
    ['location ~ ^/a(?:/|$) { return 404; }', [['location', '~', '^/a(?:/|$)', [['return', '404']]]]],
    ['a b#c; # d; e\n# f', [['a', 'b#c']]],
    ['events {}', [['events', []]]],
  ])('is read as nginx reads it: %j', (text, directives) => {
    expect(parsed(text)).toEqual(directives)
  })

  it.each([
    ['a b', '1 "a" is not ended by ";"'],
    ['a;\nb c\n}', '3 "b" is not ended by ";" before "}"'],
    ['a;\n}', '2 "}" closes nothing'],
    ['http {\n  server {\n  }\n', '1 the block of "http" is not closed by "}"'],
    ['a;\n;', '2 ";" stands without a directive'],
    ['{ }', '1 "{" stands without a directive'],
    ['a;\nb "c;\n', '2 the quote " has no end'],
    ["a 'b", "1 the quote ' has no end"],
  ])('is refused with the line of the fault: %j', (text, problem) => {
    expect(read(text).problems?.map(({ at, rule, what }) => [rule, `${at.line} ${what}`])).toEqual([
      ['syntax', problem],
    ])
  })

  it('has the line of every directive and of every comment', () => {
    const { value } = read('# one\na "x\ny";\nb {\n  c;  # two\n}\n')
    const lines = ['a', 'b', 'c'].map((name) => value && allNamed(value.root, name)[0]?.at.line)
    expect(lines).toEqual([2, 4, 5])
    expect(value?.comments.map(({ text, at }) => [text, at.line])).toEqual([
      ['one', 1],
      ['two', 5],
    ])
  })

  it('gives a block the setting of the nearest block around it', () => {
    const text = 'http { t 1; server { t 2; location /a { t 3; } location /b { } } server { location /c { } } }'
    const locations = allNamed(read(text).value?.root as Directive, 'location')
    expect(locations.map((location) => effective(location, 't')?.args)).toEqual([['3'], ['2'], ['1']])
    expect(effective(locations[0] as Directive, 'u')).toBeUndefined()
  })
})
