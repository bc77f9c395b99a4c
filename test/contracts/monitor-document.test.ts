import { describe, expect, it } from 'vitest'
import { optionNames } from '../../src/monitor/options.ts'
import { probeErrors } from '../../src/monitor/probe-error.ts'
import { monitorUsage } from '../../src/monitor/usage.ts'
import { readProjectFile } from './project-files.ts'

const document = readProjectFile('docs/monitor.md')
const firstCells = (pattern: RegExp) => [...document.matchAll(pattern)].map(([, name]) => name)

describe('docs/monitor.md', () => {
  it('says of every error code what to do, and names no other', () => {
    expect(firstCells(/^\| `(\w+[^_`])` \| (?!`)/gm)).toEqual(probeErrors)
  })

  it('has every option of the monitor and no other', () => {
    expect(firstCells(/^\| `--([\w-]+)` \|/gm).toSorted()).toEqual(optionNames.toSorted())
  })
})

describe('the usage of medio monitor', () => {
  it('has a line for every option', () => {
    expect(optionNames.filter((name) => !new RegExp(`^.*--${name}\\b`, 'm').test(monitorUsage))).toEqual([])
  })
})
