import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { evidencePath, readEvidence, writeEvidence } from '../../src/monitor/evidence-file.ts'
import { eachLine } from '../../src/monitor/file-lines.ts'
import { openObservationFile } from '../../src/monitor/observation-file.ts'
import { replay } from '../../src/monitor/replay.ts'
import type { Observation } from '../../src/observation/observation.ts'

const directory = mkdtempSync(join(tmpdir(), 'medio-replay-'))
afterAll(() => rmSync(directory, { recursive: true }))
let files = 0
function fileOf(content: string): string {
  files += 1
  const path = join(directory, `${files}.jsonl`)
  writeFileSync(path, content)
  return path
}

const observation: Observation = {
  ...{ id: '00000000-0000-4000-8000-000000000000', at: '2026-11-22T10:00:00.000Z', target: 'shop', source: 'monitor' },
  ...{ durationMs: 12.5, statusCode: 200, healthStatus: 'healthy' },
}

describe('the lines of a file', () => {
  it('are told with their numbers, whatever ends them, over the borders of chunks', async () => {
    const long = 'é'.repeat(120_000)
    const texts = ['first', '', `${long}1`, `${long}2`, `${long}3`, `${long}4`, `${long}5`, 'last']
    const told: [string | undefined, number][] = []
    await eachLine(fileOf(texts.join('\r\n')), (line, number) => told.push([line, number]))
    expect(told).toEqual(texts.map((text, index) => [text, index + 1]))
  })

  it('that are too long are told as that, and the next one is whole', async () => {
    const told: (string | undefined)[] = []
    await eachLine(fileOf(`${'x'.repeat(3_000_000)}\nnext\n${'y'.repeat(300_000)}`), (line) => told.push(line))
    expect(told).toEqual([undefined, 'next', undefined])
  })
})

describe('a replay', () => {
  it('takes a byte order mark and blank lines, and tells of ten bad lines what is wrong', async () => {
    const bad = Array.from({ length: 12 }, () => '{"durationMs":"fast"}')
    const path = fileOf(`\uFEFF${JSON.stringify(observation)}\n\n  \n${bad.join('\n')}\n`)
    const taken: Observation[] = []
    const { usable, invalidLines } = await replay(path, (each) => taken.push(each))
    expect({ usable, taken }).toEqual({ usable: 1, taken: [observation] })
    expect(invalidLines?.count).toBe(12)
    expect(invalidLines?.examples).toHaveLength(10)
    expect(invalidLines?.examples[0]).toMatch(/^line 4: at is missing; durationMs is not a number of milliseconds/)
  })
})

describe('the file of observations', () => {
  const unexpected = (problem: string) => {
    throw new Error(problem)
  }

  it('has each line as soon as it is appended, after what was there and half a line', () => {
    const path = fileOf('{"at":"2026-')
    const file = openObservationFile({ path, heldChars: 0, onFailure: unexpected })
    file.append(observation)
    expect(readFileSync(path, 'utf8')).toBe(`{"at":"2026-\n${JSON.stringify(observation)}\n`)
    file.append(observation)
    file.close()
    expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(4)
  })

  it('holds lines back where that is allowed, and writes them when it is closed', () => {
    const path = fileOf('')
    const file = openObservationFile({ path, heldChars: 1_000, onFailure: unexpected })
    file.append(observation)
    expect(readFileSync(path, 'utf8')).toBe('')
    file.close()
    expect(readFileSync(path, 'utf8')).toBe(`${JSON.stringify(observation)}\n`)
  })

  it('on a full disk is a problem told, and no exception', () => {
    const problems: string[] = []
    const file = openObservationFile({
      path: '/dev/full',
      heldChars: 0,
      onFailure: (problem) => problems.push(problem),
    })
    file.append(observation)
    file.append(observation)
    file.close()
    expect(problems).toHaveLength(2)
    expect(problems[0]).toMatch(/^\/dev\/full could not be written \(ENOSPC/)
  })
})

describe('the evidence beside the observations', () => {
  it('is read as it was written, infinite bounds included', () => {
    const path = evidencePath(join(directory, 'observations.jsonl'))
    const buckets = [{ upperSeconds: Number.POSITIVE_INFINITY, count: 1 }]
    const evidence = { metrics: { statements: { count: 1, failed: 0, meanMs: 1, buckets }, reset: false }, gaps: ['x'] }
    writeEvidence(path, evidence)
    expect(readEvidence(path)).toEqual(evidence)
  })

  it.each(['not json', '{"schemaVersion":2,"gaps":[]}', '{"schemaVersion":1}', 'null'])(
    'that is something else is a gap: %s',
    (content) => {
      const path = fileOf(content)
      expect(readEvidence(path)).toEqual({ gaps: [`${path} is not what a run leaves behind, so it was not used.`] })
    },
  )

  it('that is not there is nothing known', () => {
    expect(readEvidence(join(directory, 'none.json'))).toEqual({ gaps: [] })
  })
})
