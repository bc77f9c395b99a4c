import { describe, expect, it } from 'vitest'
import { renderHtml } from '../../src/report/format/html.ts'
import { renderJson } from '../../src/report/format/json.ts'
import { renderJunit } from '../../src/report/format/junit.ts'
import { renderMarkdown } from '../../src/report/format/markdown.ts'
import { readBaseline } from '../../src/report/read-baseline.ts'
import { recordedEvidence } from './recorded-evidence.ts'
import { assess, recordedRun } from './recorded-run.ts'

const { baseline } = readBaseline(renderJson(assess(recordedRun.slice(0, 15))))
const full = assess(recordedRun, { evidence: recordedEvidence, ...(baseline === undefined ? {} : { baseline }) })

// A change that is meant: npx vitest run --project unit test/report/formats.test.ts -u
describe('the report of the recorded run', () => {
  it.each([
    ['report.md', renderMarkdown],
    ['report.html', renderHtml],
    ['report.json', renderJson],
    ['junit.xml', renderJunit],
  ])('is written as %s to the letter', async (file, render) => {
    await expect(render(full)).toMatchFileSnapshot(`golden/${file}`)
  })

  it('of observations alone says for each other section how to get its evidence', async () => {
    await expect(renderMarkdown(assess(recordedRun))).toMatchFileSnapshot('golden/observations-alone.md')
  })

  it('of no observation at all is whole too', async () => {
    await expect(renderMarkdown(assess([]))).toMatchFileSnapshot('golden/nothing.md')
    expect(renderHtml(assess([]))).toContain('There is not enough data for a verdict')
    expect(JSON.parse(renderJson(assess([])))).toMatchObject({ verdict: 'not_enough_data', from: null })
  })
})

describe('report.json', () => {
  it('has the keys of the contract and no others', () => {
    const document = JSON.parse(renderJson(full))
    expect(Object.keys(document)).toEqual([
      ...['schemaVersion', 'target', 'from', 'to', 'verdict', 'counts', 'latencyMs', 'availability', 'criteria'],
      ...['machines', 'findings'],
    ])
    expect(Object.keys(document.counts)).toEqual([
      ...['observations', 'ok', 'failed', 'cold', 'resume', 'warm', 'unclassified', 'invalidLines'],
    ])
    expect(Object.keys(document.latencyMs)).toEqual(['all', 'warm', 'cold'])
    expect(Object.keys(document.latencyMs.all)).toEqual([
      ...['count', 'min', 'mean', 'max', 'p50', 'p75', 'p90', 'p95', 'p99', 'histogram'],
    ])
    expect(Object.keys(document.availability)).toEqual(['good', 'total', 'ratio', 'low', 'high', 'method'])
    expect(Object.keys(document.criteria[0])).toEqual([
      ...['id', 'population', 'target', 'value', 'unit', 'verdict', 'evidence'],
    ])
  })
})

describe('what comes from outside', () => {
  const hostile =
    '</title><script>alert(1)</script><img src=x onerror=alert(2)>`|\n# [x](javascript:y) & "q" \u0000\u001b[31m\ud800'
  const report = assess(
    recordedRun.map((observation) => ({
      ...observation,
      ...(observation.machine === undefined ? {} : { machine: hostile, version: hostile, region: hostile }),
      ...(observation.healthStatus === undefined ? {} : { healthStatus: observation.healthStatus }),
      ...(observation.errorCode === 'timeout' ? { errorCode: hostile } : {}),
      ...(observation.reasons === undefined
        ? {}
        : { reasons: observation.reasons.map(({ code }) => ({ check: hostile, code })) }),
    })),
    {
      evidence: {
        ...recordedEvidence,
        gaps: [hostile, `- ${hostile}`],
        logs: {
          ...(recordedEvidence.logs as NonNullable<typeof recordedEvidence.logs>),
          file: hostile,
          classes: {
            ...(recordedEvidence.logs?.classes as NonNullable<typeof recordedEvidence.logs>['classes']),
            error: { count: 1, examples: [`${hostile}\`\`\`\`\n# heading`] },
          },
        },
        statements: [{ query: hostile, calls: 1, totalMs: 1, meanMs: 1, maxMs: 1 }],
      },
      criteria: [{ id: hostile, metric: 'cold_starts', op: '=', value: 0 }],
    },
  )

  it('is text in the HTML, never markup', () => {
    const html = renderHtml(report)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there.
    expect(html).not.toMatch(/<script|<img|onerror=alert\(2\)>|[\u0000\u001b\ud800]/)
    expect(html.match(/<title/g)?.length).toBe(1 + (html.match(/<svg/g)?.length ?? 0))
    expect(html).toContain('&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;')
  })

  it('can’t end a row, a fence or a line of the Markdown, nor begin markup', () => {
    const markdown = renderMarkdown(report)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there.
    expect(markdown).not.toMatch(/[\u0000\u001b\ud800]/)
    const outside = markdown
      .split(/^`{3,}.*$/m)
      .filter((_, index) => index % 2 === 0)
      .join('\n')
    expect(outside).not.toMatch(/(?<!\\)<[a-z/]/i)
    expect(outside).not.toMatch(/(?<!\\)\[x/)
    expect(markdown.split('\n').filter((line) => line.startsWith('#')).length).toBe(16)
    expect(markdown).toMatch(/^`{5}text$/m)
    for (const table of outside.matchAll(/(?:^\|.*\|\n)+/gm)) {
      const cells = table[0]
        .trimEnd()
        .split('\n')
        .map((line) => line.match(/(?<!\\)\|/g)?.length)
      expect(new Set(cells).size).toBe(1)
    }
  })

  it('is text in the JUnit XML, without what XML can’t hold', () => {
    const xml = renderJunit(report)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there.
    expect(xml).not.toMatch(/[\u0000\u001b\ud800]|<script|<img/)
    expect(xml.match(/<testcase /g)).toHaveLength(1)
  })
})

describe('the JUnit XML', () => {
  it('counts what is broken as failures, what is not known as errors, and what does not decide as skipped', () => {
    const criteria = [
      { id: 'broken', metric: 'gateway_errors', op: '=', value: 0 },
      { id: 'unknown', metric: 'health_latency_p99_ms', op: '<', value: 500 },
      { id: 'kept', metric: 'statement_latency_max_ms', op: '<', value: 500 },
    ] as const
    const xml = renderJunit(assess(recordedRun, { criteria }))
    expect(xml).toContain('<testsuites name="medio monitor" tests="6" failures="2" errors="1" skipped="1" time="615">')
    expect(xml).toContain('(all)" tests="3" failures="1" errors="1" skipped="0"')
    expect(xml).toContain('(warm)" tests="3" failures="1" errors="0" skipped="1"')
  })
})
