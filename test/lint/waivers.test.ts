import { describe, expect, it } from 'vitest'
import { problemLine } from '../../src/lint/lint.ts'
import { type Edit, lintedTree } from './linted-tree.ts'

const waiver = '# medio-lint: waive'
const noHttps: Edit = ['fly.toml', '  force_https = true\n', '']
const first = (line: string): Edit => ['fly.toml', 'app = "good"', `${line}\napp = "good"`]

async function outcome(edits: readonly Edit[]) {
  const report = await lintedTree(edits)
  if (report.kind !== 'linted') throw new Error(`the tree is ${report.kind}`)
  return {
    problems: report.problems.map(problemLine),
    waived: report.waived.map(({ rule, reason }) => `${rule}: ${reason}`),
  }
}

describe('a waiver', () => {
  it.each([
    ['fly.toml', noHttps, first(`${waiver} force-https because the proxy in front does it`), 'force-https'],
    [
      'Dockerfile',
      ['Dockerfile', 'USER node\n', ''],
      [
        'Dockerfile',
        'FROM node:24 AS build',
        `${waiver} user because the proxy in front does it\nFROM node:24 AS build`,
      ],
      'user',
    ],
    [
      'nginx.conf',
      ['nginx.conf', '  scgi_temp_path /run/medio/scgi;\n', ''],
      ['nginx.conf', 'daemon off;', `daemon off; ${waiver} writable-paths because the proxy in front does it`],
      'writable-paths',
    ],
  ] satisfies [string, Edit, Edit, string][])(
    'in %s takes the findings of its rule there, with its reason',
    async (_file, fault, line, rule) => {
      expect(await outcome([fault, line])).toEqual({ problems: [], waived: [`${rule}: the proxy in front does it`] })
    },
  )

  it('takes every finding of its rule in its file', async () => {
    const edits: Edit[] = [
      ['nginx.conf', '  scgi_temp_path /run/medio/scgi;\n', ''],
      ['nginx.conf', '  uwsgi_temp_path /run/medio/uwsgi;\n', ''],
      ['nginx.conf', 'daemon off;', `${waiver} writable-paths because this build has neither\ndaemon off;`],
    ]
    expect((await outcome(edits)).waived).toEqual(Array(2).fill('writable-paths: this build has neither'))
  })

  it('in another file takes nothing', async () => {
    const elsewhere: Edit = ['nginx.conf', 'daemon off;', `${waiver} force-https because of it\ndaemon off;`]
    expect(await outcome([noHttps, elsewhere])).toEqual({
      problems: [
        'fly.toml:14 force-https: force_https is not true; tokens would cross the network in the clear. Set force_https = true',
        'nginx.conf:1 waiver: nothing is left to waive for force-https. Take the waiver out',
      ],
      waived: [],
    })
  })

  const form = 'Write: # medio-lint: waive RULE because REASON'
  it.each([
    [`${waiver} force-https`, `"medio-lint: waive force-https" is no waiver. ${form}`],
    [`${waiver} force-https because `, `"medio-lint: waive force-https because" is no waiver. ${form}`],
    ['# medio-lint: ignore force-https', `"medio-lint: ignore force-https" is no waiver. ${form}`],
  ])('without a reason, or of another form, is a problem and waives nothing: %s', async (line, problem) => {
    const { problems, waived } = await outcome([noHttps, first(line)])
    expect(waived).toEqual([])
    expect(problems.at(-1)).toBe(`fly.toml:1 waiver: ${problem}`)
    expect(problems).toHaveLength(2)
  })

  it('of a rule that does not exist is a problem that lists those that do', async () => {
    const { problems } = await outcome([first(`${waiver} https because of it`)])
    expect(problems).toEqual([
      expect.stringMatching(
        /^fly\.toml:1 waiver: there is no rule https\. The rules are public-port, .*, force-https, .*, alert-routes$/,
      ),
    ])
  })

  it('that waives nothing is a problem, so that none outlives its reason', async () => {
    expect((await outcome([first(`${waiver} force-https because of it`)])).problems).toEqual([
      'fly.toml:1 waiver: nothing is left to waive for force-https. Take the waiver out',
    ])
  })
})
