import { describe, expect, it } from 'vitest'
import { projectFiles, readProjectFile } from './project-files.ts'

const decisions = projectFiles(/^docs\/decisions\//).toSorted()

describe('decisions', () => {
  it('are numbered without a gap, in files named after their number and title', () => {
    const numbers = decisions.map((file) => /^docs\/decisions\/(\d{4})-[a-z0-9-]+\.md$/.exec(file)?.[1])
    expect(decisions.length).toBeGreaterThan(0)
    expect(numbers).toEqual(decisions.map((_, index) => String(index + 1).padStart(4, '0')))
  })

  it.each(decisions)('tell the context, the decision, its consequences and the alternatives: %s', (file) => {
    const text = readProjectFile(file)
    expect(text.match(/^# .+/)?.[0]).toMatch(new RegExp(`^# ${file.slice(15, 19)} `))
    expect([...text.matchAll(/^## (.+)$/gm)].map((match) => match[1])).toEqual([
      'Context',
      'Decision',
      'Consequences',
      'Alternatives',
    ])
  })
})
