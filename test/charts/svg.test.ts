import { describe, expect, it } from 'vitest'
import { element, xmlText } from '../../src/charts/svg.ts'
import { durationTick, timeTick } from '../../src/charts/ticks.ts'

describe('text of XML', () => {
  it('has no markup, no quote and nothing that XML can’t hold', () => {
    expect(xmlText(`<a href="x" b='y'>&\u0000\u001b\ufffe\ud800\n`)).toBe(
      '&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;\ufffd\ufffd\ufffd\ufffd\n',
    )
  })

  it('is escaped in an attribute, and a figure there has one digit', () => {
    expect(element('g', { id: '"><x', x: 1.2345, y: undefined })).toBe('<g id="&quot;&gt;&lt;x" x="1.2"/>')
  })
})

describe('a tick', () => {
  it.each([
    [60_000, '10:00:00'],
    [3_600_000, '10:00'],
    [2 * 86_400_000, '11-22 10:00'],
    [90 * 86_400_000, '2026-11-22'],
  ])('of an axis of %i ms is %s', (spanMs, tick) => {
    expect(timeTick(new Date('2026-11-22T10:00:00.000Z'), spanMs)).toBe(tick)
  })

  it.each([
    [0, '0 ms'],
    [0.5, '0.5 ms'],
    [999, '999 ms'],
    [1_500, '1.5 s'],
  ])('of %f ms is %s', (ms, tick) => {
    expect(durationTick(ms)).toBe(tick)
  })
})
