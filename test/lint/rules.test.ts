import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { problemLine } from '../../src/lint/lint.ts'
import { rules } from '../../src/lint/rules.ts'
import { agreements, breaks } from './breaks.ts'
import { lintedTree } from './linted-tree.ts'

const names = rules.map(({ name }) => name)
const files = readdirSync(join(import.meta.dirname, '../../src/lint/rules')).map((file) => file.replace(/\.ts$/, ''))

describe('the rules of medio lint', () => {
  it('are each in a file of their name, all of them listed, and each has a tree that breaks it', () => {
    expect(names.toSorted()).toEqual(files.toSorted())
    expect(Object.keys(breaks).toSorted()).toEqual(files.toSorted())
    const unbroken = names.filter((name) => !breaks[name]?.some(({ found }) => found.some((line) => isOf(line, name))))
    expect(unbroken).toEqual([])
  })

  it('say why they matter in a clause of their own', () => {
    expect(new Set(rules.map(({ why }) => why)).size).toBe(rules.length)
    expect(rules.filter(({ why }) => !/^\S.*[^.]$/.test(why))).toEqual([])
  })

  it('find nothing where all agrees', async () => {
    expect(await lintedTree([])).toEqual({ kind: 'linted', problems: [], waived: [] })
  })

  it.each(agreements)('find nothing where %s', async (_what, edits) => {
    expect(await lintedTree(edits)).toEqual({ kind: 'linted', problems: [], waived: [] })
  })

  const cases = Object.entries(breaks).flatMap(([rule, list]) => list.map((each) => ({ rule, ...each })))
  it.each(cases)('find by $rule that $what', async ({ edits, found }) => {
    const report = await lintedTree(edits)
    const problems = report.kind === 'missing' ? [] : report.problems
    expect(problems.map((problem) => problemLine({ ...problem, why: undefined }))).toEqual(found)
  })
})

const isOf = (line: string, rule: string) => line.split(' ')[1] === `${rule}:`
