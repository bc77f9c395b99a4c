import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { healthPath, openPaths } from '../../src/health/paths.ts'
import { metricsPath } from '../../src/http/metrics-listener.ts'
import { rules } from '../../src/lint/rules.ts'
import { type Edit, goodTree, withTree } from '../lint/linted-tree.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { type EndedProgram, runProgram } from '../support/program.ts'
import { type RunningService, startService } from '../support/service.ts'

const noHttps: Edit = ['fly.toml', '  force_https = true\n', '']
const usage =
  'usage: medio lint [DIR]   (DIR has fly.toml, Dockerfile and nginx.conf; the current directory if left out)\n'

/** Runs the command on a tree with these edits. */
function lint(edits: readonly Edit[]): Promise<EndedProgram> {
  return withTree(edits, (directory) => runProgram('medio', ['lint', directory]))
}

describe('medio lint', () => {
  it('ends with 0 and the number of rules where all agrees', async () => {
    expect(await lint([])).toEqual({ code: 0, stdout: `${rules.length} rules: 0 problems, 0 waived\n`, stderr: '' })
  })

  it('ends with 1 and a line for each problem, with the file, the line, why it matters and what to do', async () => {
    expect(await lint([noHttps, ['Dockerfile', 'USER node\n', '']])).toEqual({
      code: 1,
      stdout: `Dockerfile:3 user: the image has no USER, so it runs as root; whoever breaks into one of the processes owns the machine. Write: USER node
fly.toml:14 force-https: force_https is not true; tokens would cross the network in the clear. Set force_https = true
${rules.length} rules: 2 problems, 0 waived
`,
      stderr: '',
    })
  })

  it('ends with 0 where what is left is waived, and shows it', async () => {
    const waiver = '# medio-lint: waive force-https because the load balancer in front of it does it'
    expect(await lint([noHttps, ['fly.toml', 'app = "good"', `app = "good" ${waiver}`]])).toEqual({
      code: 0,
      stdout: `fly.toml:14 force-https: waived: force_https is not true, because the load balancer in front of it does it
${rules.length} rules: 0 problems, 1 waived
`,
      stderr: '',
    })
  })

  it('ends with 1 and applies no rule where a file can not be read, and names what is wrong in each', async () => {
    const edits: Edit[] = [
      ['fly.toml', 'internal_port', 'internal_prot'],
      ['nginx.conf', 'events {', 'events'],
    ]
    const { code, stdout } = await lint(edits)
    expect(code).toBe(1)
    expect(
      stdout,
    ).toBe(`fly.toml:14 keys: http_service.internal_port: expected number, received undefined. Correct the value
fly.toml:15 keys: http_service.internal_prot is no key of Fly's reference, and Fly ignores unknown keys in silence. Correct its name or its place, or take it out
nginx.conf:6 syntax: "}" closes nothing. Correct it until nginx -t is content: nothing of the file can be read
3 problems in the files themselves; none of the ${rules.length} rules was applied
`)
  })

  it('ends with 2 and the names of the files that a directory lacks', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'medio-lint-'))
    writeFileSync(join(directory, 'nginx.conf'), '')
    const { code, stdout, stderr } = await runProgram('medio', ['lint', directory])
    rmSync(directory, { recursive: true })
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toBe(`medio lint: ${directory} has no fly.toml, no Dockerfile; name the project's root\n${usage}`)
  })

  it.each([[['--fix']], [[goodTree, goodTree]]])('ends with 2 and says what DIR is for the words %j', async (words) => {
    expect(await runProgram('medio', ['lint', ...words])).toEqual({ code: 2, stdout: '', stderr: usage })
  })
})

/** Lint takes these from the code; here the code is held to them. */
describe('the paths that lint counts as open', () => {
  let database: TestDatabase
  let service: RunningService
  beforeAll(async () => {
    database = await createTestDatabase()
    const env = { NODE_ENV: 'production', DATABASE_URL: database.url, OPERATOR_TOKEN: 'correct-horse-battery' }
    service = await startService(env)
    await service.logged('metrics_listening')
  })
  afterAll(async () => {
    await service[Symbol.asyncDispose]()
    await database.drop()
  })

  it.each(openPaths.map((path) => `${healthPath}${path}`))(
    'answer 200 in production without a token: %s',
    async (path) => {
      expect((await fetch(`${service.url}${path}`)).status).toBe(200)
    },
  )

  it.each(['/deep', '/checks/disk'])('leave out what wants a token in production: %s', async (path) => {
    expect(openPaths).not.toContain(path)
    expect((await fetch(`${service.url}${healthPath}${path}`)).status).toBe(401)
  })

  it('are other ones than that of the metrics, which only the internal port has', async () => {
    const statuses = [new URL(metricsPath, service.metricsUrl), new URL(metricsPath, service.url)].map(
      async (url) => (await fetch(url)).status,
    )
    expect(await Promise.all(statuses)).toEqual([200, 404])
  })
})
