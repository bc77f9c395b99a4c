import { describe, expect, it } from 'vitest'
import { projectFiles, readProjectFile } from './project-files.ts'

const testFiles = projectFiles(/^test\/.*\.test\.ts$/)

/** The first argument of `it(…)`, and of the function that `it.each(…)` returns. */
const title = /(?:\b(?:it|test)(?:\.\w+)*|\))\(\s*(['"`])((?:\\.|(?!\1)[^\\])+)\1,/gs
const silencers = ['only', 'skip', 'skipIf', 'runIf', 'todo', 'fails']
const silenced = new RegExp(String.raw`\b(?:it|test|describe|suite|context)\.(?:${silencers.join('|')})\b`)

describe('test titles', () => {
  // A report, a log or a person names a failed test by its title alone; it must lead to one place.
  it('are unique over the whole tree', () => {
    const places = new Map<string, string[]>()
    for (const file of testFiles) {
      for (const match of readProjectFile(file).matchAll(title)) {
        const text = match[2] ?? ''
        places.set(text, [...(places.get(text) ?? []), file])
      }
    }
    const repeated = [...places].filter(([, files]) => files.length > 1)
    expect(places.size).toBeGreaterThan(0)
    expect(Object.fromEntries(repeated)).toEqual({})
  })

  it('belong to tests that run: none is skipped, left open or run alone', () => {
    expect(testFiles.filter((file) => silenced.test(readProjectFile(file)))).toEqual([])
  })
})
