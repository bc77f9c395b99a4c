import { describe, expect, it } from 'vitest'
import { fingerprint, normaliseSql } from '../../src/db/fingerprint.ts'

describe('normaliseSql', () => {
  it.each([
    ['a string', "select 'secret'", 'select ?'],
    ['a doubled quote', "select 'it''s secret' as a", 'select ? as a'],
    ['a backslash, which is plain in a standard string', "select 'secret\\', b", 'select ?, b'],
    ['an escape string', "select E'it\\'s secret', e'a\\\\', 'b' from t", 'select ? from t'],
    ['bit, national and Unicode strings', "select B'01', x'1F', n'secret', U&'secret' from t", 'select ? from t'],
    ['dollar quotes', 'select $$secret$$ || $tag$ secret $$ $tag$, a', 'select ? || ?, a'],
    [
      'numbers',
      'select 1, a where b > -1.5e-10 and c = .5 or d = 0xFF or e = 1_000',
      'select ?, a where b > -? and c = ? or d = ? or e = ?',
    ],
    ['parameters', 'select a from t where b = $1 and c = $22', 'select a from t where b = ? and c = ?'],
    ['a line comment', 'select a -- secret\nfrom t', 'select a from t'],
    ['nested block comments', 'select /* secret /* deep */ secret */ a', 'select a'],
    ['digits within names', 'select t1.c2 from t1', 'select t1.c2 from t1'],
    ['a dollar within a name', 'select a$1$b from t', 'select a$1$b from t'],
    ['quoted names', 'select "Mixed ""Case" from "T"', 'select "Mixed ""Case" from "T"'],
    ['letters beyond ASCII', "select größe from straße where ort = 'Köln'", 'select größe from straße where ort = ?'],
    ['a cast', "select '1 day'::interval, 5::int", 'select ?::interval, ?::int'],
  ])('replaces or keeps %s', (_name, text, expected) => {
    expect(normaliseSql(text)).toBe(expected)
  })

  it('makes the same of any layout and case', () => {
    const expected = 'select a, b from t where c in (?) and f(?, a)'
    expect(normaliseSql('SELECT a,b FROM t\n\tWHERE c IN(1,2, 3) AND f( 1 ,a )')).toBe(expected)
    expect(normaliseSql('select a, b from t where c in ($1) and f($2, a)')).toBe(expected)
  })

  it('makes one of lists and of rows, however many', () => {
    expect(normaliseSql("insert into t (a, b) values (1, 'x'), (2, 'y'), (3, 'z')")).toBe(
      'insert into t (a, b) values (?)',
    )
    const list = Array.from({ length: 5_000 }, (_, index) => index).join(', ')
    expect(normaliseSql(`select a from t where b in (${list}) and c = 1`)).toBe(
      'select a from t where b in (?) and c = ?',
    )
  })

  it.each([
    ["select 'secret", 'select ?'],
    ["select E'secret\\'", 'select ?'],
    ["select E'secret\\", 'select ?'],
    ['select "secret', 'select ?'],
    ['select "', 'select ?'],
    ['select $$secret', 'select ?'],
    ['select $a$secret$b$', 'select ?'],
    ['select /* secret', 'select'],
    ['select -- secret', 'select'],
    ['', ''],
  ])('lets nothing out of %s, which is never closed', (text, expected) => {
    expect(normaliseSql(text)).toBe(expected)
  })

  it('keeps no value of random mixtures of quotes', () => {
    const parts = ["'", "''", '"', '$$', '$a$', '\\', '/*', '*/', '--', '\n', ' ', '(', ')', ',', '?', 'E', '1']
    let seed = 42
    const next = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
      return seed % below
    }
    for (let round = 0; round < 2_000; round++) {
      const noise = Array.from({ length: 12 }, () => parts[next(parts.length)]).join('')
      // A well-formed literal at the front stays one, whatever follows.
      expect(normaliseSql(`select 'secret', $q$secret$q$, E'\\'secret' ${noise}`)).not.toContain('secret')
    }
  })

  it('is cut to 1,000 characters', () => {
    const columns = Array.from({ length: 500 }, (_, index) => `column_${index}`).join(', ')
    const normalised = normaliseSql(`select ${columns}`)
    expect(normalised).toHaveLength(1_000)
    expect(normalised.startsWith('select column_0, column_1, ')).toBe(true)
  })

  it.each([
    ['one literal', (size: number) => `select '${'x'.repeat(size)}'`],
    ['doubled quotes', (size: number) => `select '${"''".repeat(size / 2)}'`],
    ['backslashes', (size: number) => `select E'${"\\\\'".repeat(size / 3)}'`],
    ['brackets', (size: number) => '(?'.repeat(size / 2)],
    ['values', (size: number) => '1,'.repeat(size / 2)],
    ['comments', (size: number) => '/*'.repeat(size / 2)],
    ['dollars', (size: number) => '$a$ '.repeat(size / 4)],
    ['blanks', (size: number) => ' '.repeat(size)],
  ])('takes no more time for 3 MB of %s than for the part that it reads', (_name, make) => {
    const text = make(3_000_000)
    const startedAt = performance.now()
    normaliseSql(text)
    // Some 10 ms; quadratic time over all of it would be hours.
    expect(performance.now() - startedAt).toBeLessThan(500)
  })
})

describe('fingerprint', () => {
  it('is the same for executions that differ in values only, and another for another statement', () => {
    const print = (text: string): string => fingerprint(normaliseSql(text))
    expect(print("select a from t where b = 'x'")).toBe(print('SELECT a FROM t WHERE b = $1'))
    expect(print('select a from t')).not.toBe(print('select b from t'))
  })

  it('stays the same over versions', () => {
    expect(fingerprint('select ?')).toBe('e1c71d1661ae46e0')
  })
})
