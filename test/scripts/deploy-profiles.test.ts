import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { deployProfiles } from '../../scripts/deploy-profiles.ts'
import { readFlyToml } from '../../src/lint/fly-toml.ts'
import { lint } from '../../src/lint/lint.ts'

const root = join(import.meta.dirname, '../..')
const shipped = readFileSync(join(root, 'fly.toml'), 'utf8')
const directory = mkdtempSync(join(tmpdir(), 'fly-profiles-'))
for (const name of ['Dockerfile', 'nginx.conf']) cpSync(join(root, name), join(directory, name))
afterAll(() => rmSync(directory, { recursive: true }))

/** The rules that a fly.toml breaks beside the Dockerfile and nginx.conf that ship. */
function brokenRules(flyToml: string): string[] {
  writeFileSync(join(directory, 'fly.toml'), flyToml)
  const report = lint(directory)
  return report.kind === 'linted' ? report.problems.map(({ rule }) => rule) : [report.kind]
}

function scalingOf(text: string): Record<string, unknown> {
  const { value, problems } = readFlyToml('fly.toml', text)
  expect(problems).toBeUndefined()
  const { auto_stop_machines, auto_start_machines, min_machines_running } = value?.values.http_service ?? {}
  return { auto_stop_machines, auto_start_machines, min_machines_running }
}

describe('the profiles of fly.toml', () => {
  it('are three, of which one is on', () => {
    const profiles = deployProfiles(shipped)
    expect(profiles.map(({ name }) => name)).toEqual(['one-running', 'scale-to-zero', 'two-running'])
    expect(profiles.filter(({ isOn }) => isOn)).toHaveLength(1)
  })

  it('are switched to by their lines alone, and each says how many machines run', () => {
    const switched = deployProfiles(shipped).map(({ name, text }) => [name, scalingOf(text)])
    expect(Object.fromEntries(switched)).toEqual({
      'one-running': { auto_stop_machines: 'stop', auto_start_machines: true, min_machines_running: 1 },
      'scale-to-zero': { auto_stop_machines: 'suspend', auto_start_machines: true, min_machines_running: 0 },
      'two-running': { auto_stop_machines: 'off', auto_start_machines: true, min_machines_running: 2 },
    })
  })

  // Here without the measured start, which is the same for all.
  it.each(deployProfiles(shipped))('break no rule of the lint, $name with its waiver if it needs one', ({ text }) => {
    expect(brokenRules(text)).toEqual(['grace'])
  })

  it('are the same file again after a switch and back', () => {
    for (const { name, text } of deployProfiles(shipped)) {
      const switched = deployProfiles(text)
      expect(switched.filter(({ isOn }) => isOn).map((profile) => profile.name)).toEqual([name])
      const before = switched[deployProfiles(shipped).findIndex(({ isOn }) => isOn)]
      expect(before?.text).toBe(shipped)
    }
  })
})

it('a profile ends at the next empty line; its prose stays a comment, and its waiver goes with its settings', () => {
  const first = '[a]\n  # profile on: why\n  # more of why\n  # medio-lint: waive w because r\n  x = 1\n\n'
  const second = '  # profile off: why not\n  # y = "z"\n\n  # z = 3\nw = 4\n'
  expect(deployProfiles(first + second)).toEqual([
    { name: 'on', isOn: true, text: first + second },
    {
      name: 'off',
      isOn: false,
      text:
        '[a]\n  # profile on: why\n  # more of why\n  # # medio-lint: waive w because r\n  # x = 1\n\n' +
        '  # profile off: why not\n  y = "z"\n\n  # z = 3\nw = 4\n',
    },
  ])
})
