import { expect, it } from 'vitest'
import { plainArray, textArray } from '../../src/history/array-literals.ts'

it('writes numbers and times as an array of Postgres', () => {
  expect(plainArray([1, undefined, 2.5, null, 1e21])).toBe('{1,NULL,2.5,NULL,1e+21}')
  expect(plainArray(['2026-11-22T10:00:00.000Z'])).toBe('{2026-11-22T10:00:00.000Z}')
})

it('quotes every text, so that none is taken for another', () => {
  expect(textArray(['a', 'NULL', '', 'a,b}', 'say "\\"', undefined, 'a'])).toBe(
    String.raw`{"a","NULL","","a,b}","say \"\\\"",NULL,"a"}`,
  )
})

it('makes null of a list that has nothing in it', () => {
  expect(plainArray([undefined, null])).toBeNull()
  expect(textArray([])).toBeNull()
})
