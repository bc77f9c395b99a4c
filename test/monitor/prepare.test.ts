import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createAssessments } from '../../src/monitor/assessments.ts'
import { exitCodeOf } from '../../src/monitor/exit-code.ts'
import { readOptions } from '../../src/monitor/options.ts'
import { prepareDirectory, writeReports } from '../../src/monitor/out-directory.ts'
import { type MonitorSecrets, prepare } from '../../src/monitor/prepare.ts'
import type { Observation } from '../../src/observation/observation.ts'
import { type Criterion, defaultCriteria } from '../../src/report/criterion.ts'
import type { Report } from '../../src/report/report.ts'

const directory = mkdtempSync(join(tmpdir(), 'medio-prepare-'))
afterAll(() => rmSync(directory, { recursive: true }))

function prepared(words: readonly string[], secrets: MonitorSecrets = {}) {
  const read = readOptions(['http://shop.example', ...words])
  if ('problems' in read) throw new Error(read.problems.join())
  return prepare(read.options, secrets)
}
function fileOf(name: string, content: string): string {
  const path = join(directory, name)
  writeFileSync(path, content)
  return path
}

describe('what a run needs', () => {
  it('is the default criteria and the public Machines API unless told otherwise', () => {
    expect(prepared([])).toEqual({
      prepared: { criteria: defaultCriteria, baseline: undefined, flyApiUrl: new URL('https://api.machines.dev') },
    })
  })

  it('is read from the files that are named', () => {
    const criteria: Criterion[] = [{ id: 'A', metric: 'availability', op: '>=', value: 0.9 }]
    const path = fileOf('criteria.json', JSON.stringify(criteria))
    expect(prepared(['--criteria', path])).toMatchObject({ prepared: { criteria } })
  })

  it('is missing, and every file is told with what is wrong in it', () => {
    const criteria = fileOf('bad.json', '[{"id":"A","metric":"speed","op":">=","value":0.9}]')
    const read = prepared([
      '--criteria',
      criteria,
      '--baseline',
      join(directory, 'none'),
      '--logs',
      join(directory, 'no'),
    ])
    expect('problems' in read && read.problems).toEqual([
      expect.stringMatching(/^--criteria .*bad\.json: .*metric/),
      expect.stringMatching(/^--baseline .*none can't be read \(ENOENT/),
      expect.stringMatching(/^--logs .*no can't be read \(ENOENT/),
    ])
  })

  it.each([
    ['https://api.example', true],
    ['http://_api.internal:4280', true],
    ['http://127.0.0.1:4280', true],
    ['http://api.machines.dev', false],
    ['api.machines.dev', false],
  ])('sends a token to %s: %j', (hostname, isRight) => {
    const read = prepared([], { FLY_API_HOSTNAME: hostname })
    expect('prepared' in read && read.prepared.flyApiUrl.origin).toBe(isRight ? hostname : false)
  })
})

const observation = (target: string, more: Partial<Observation> = {}): Observation => ({
  ...{ id: '00000000-0000-4000-8000-000000000000', at: '2026-11-22T10:00:00.000Z', target, source: 'monitor' },
  ...{ durationMs: 10, statusCode: 200, healthStatus: 'healthy', ...more },
})
const criteria: Criterion[] = [{ id: 'A', metric: 'unhealthy_answers', op: '=', value: 0, population: 'all' }]

function reportsOf(...observations: Observation[]): readonly Report[] {
  const assessments = createAssessments({ targets: [], criteria, baseline: undefined })
  for (const each of observations) assessments.add(each)
  return assessments.finish({ gaps: [] })
}

describe('reports of several targets', () => {
  it('are as many as a hundred, and what is beyond is a gap', () => {
    const reports = reportsOf(...Array.from({ length: 103 }, (_, index) => observation(`target-${index}`)))
    expect(reports).toHaveLength(100)
    expect(reports[0]?.evidence.gaps).toEqual(['3 observations were left out: they are of more than 100 targets.'])
  })

  it('get folders that stay within the directory, and one each', () => {
    const targets = ['../../etc', 'a/b', 'a:b', '..', 'shop.example']
    const out = join(directory, 'several')
    const folders = writeReports(out, reportsOf(...targets.map((target) => observation(target))))
    expect(folders.map((folder) => folder.slice(out.length + 1))).toEqual([
      'etc',
      'a-b',
      'a-b-2',
      'target',
      'shop.example',
    ])
    expect(readdirSync(out).sort()).toEqual(['a-b', 'a-b-2', 'etc', 'shop.example', 'target'])
    expect(readdirSync(join(out, 'etc')).sort()).toEqual(['junit.xml', 'report.html', 'report.json', 'report.md'])
  })

  it('end with the worst verdict', () => {
    const [good = [], bad = []] = [
      observation('good'),
      observation('bad', { statusCode: 503, healthStatus: 'unhealthy' }),
    ].map((each) => reportsOf(each))
    const unknown = [{ ...good[0], verdict: 'not_enough_data' } as Report]
    expect([good, bad, unknown, [...good, ...unknown], [...unknown, ...bad, ...good], []].map(exitCodeOf)).toEqual([
      0, 1, 3, 3, 1, 3,
    ])
  })
})

describe('the directory of a run', () => {
  it('is made, and refused once it holds another run', () => {
    const out = join(directory, 'a', 'b')
    expect(prepareDirectory(out, { continues: false })).toBeUndefined()
    expect(existsSync(out)).toBe(true)
    const file = join(out, 'observations.jsonl')
    writeFileSync(file, 'x')
    const refusal = `--out ${out} holds the observations of another run; name another directory`
    expect(prepareDirectory(out, { continues: false })).toBe(refusal)
    expect(prepareDirectory(out, { continues: false, replayed: fileOf('other', '') })).toBe(refusal)
    expect(prepareDirectory(out, { continues: false, replayed: file })).toBeUndefined()
    expect(prepareDirectory(out, { continues: true })).toBeUndefined()
  })

  it('that can not be made is told', () => {
    const inFile = join(fileOf('file', 'x'), 'out')
    expect(prepareDirectory(inFile, { continues: false })).toMatch(/^--out .* can't be used \(ENOTDIR/)
  })
})
