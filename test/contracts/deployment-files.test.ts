import { describe, expect, it } from 'vitest'
import { lint } from '../../src/lint/lint.ts'
import { rules } from '../../src/lint/rules.ts'
import { projectRoot, readProjectFile } from './project-files.ts'

describe('fly.toml, Dockerfile and nginx.conf', () => {
  it('agree with each other and with the code', () => {
    expect(lint(projectRoot)).toEqual({ kind: 'linted', problems: [], waived: [] })
  })
})

describe('docs/lint.md', () => {
  it('has every rule in its order with its why, and the number of rules', () => {
    const text = readProjectFile('docs/lint.md')
    const rows = [...text.matchAll(/^\| `([\w-]+)` \| .+ \| (.+) \|$/gm)].map(([, name, why]) => ({ name, why }))
    expect(rows).toEqual(rules.map(({ name, why }) => ({ name, why })))
    expect(text).toContain(`\n${rules.length} rules: 1 problem, 0 waived\n`)
  })
})
