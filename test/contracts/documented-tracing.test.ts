import { describe, expect, it } from 'vitest'
import { tracingVariableNames } from '../../src/tracing-config.ts'
import { projectFiles, readProjectFile } from './project-files.ts'

const document = readProjectFile('docs/tracing.md')
const distinct = (found: Iterable<RegExpMatchArray>) => [...new Set([...found].map(([name]) => name))].toSorted()

describe('docs/tracing.md', () => {
  it('explains every variable of tracing and no other', () => {
    const [, table = ''] = document.split('| variable | meaning |')
    const [rows = ''] = table.split('\n\n')
    expect(distinct(rows.matchAll(/OTEL_\w+/g))).toEqual([...tracingVariableNames].toSorted())
  })

  it('names only attributes of ours that spans have', () => {
    const sources = projectFiles(/^src\/.*\.ts$/)
      .map(readProjectFile)
      .join('\n')
    const ours = /(?<=[`'])(?:medio|fly)\.[a-z_.]+(?=[`'])/g
    const set = distinct(sources.matchAll(ours))
    expect(set.length).toBeGreaterThan(0)
    expect(distinct(document.matchAll(ours)).filter((name) => !set.includes(name))).toEqual([])
  })
})
