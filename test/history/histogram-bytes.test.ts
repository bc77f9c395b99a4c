import { expect, it } from 'vitest'
import { addHistogramBytes, histogramBytes } from '../../src/history/histogram-bytes.ts'
import { bucketOf, type LogHistogram } from '../../src/statistics/log-histogram.ts'

function read(bytes: Uint8Array, into: LogHistogram = new Map()): LogHistogram {
  addHistogramBytes(into, bytes)
  return into
}

it('writes a histogram as distances and counts, seven bits a byte', () => {
  expect([...histogramBytes(new Map())]).toEqual([])
  // -345 is 167 above -512, and 167 is 0b1_0100111.
  expect([...histogramBytes(new Map([[-345, 1]]))]).toEqual([0xa7, 0x01, 1])
  expect([
    ...histogramBytes(
      new Map([
        [-340, 300],
        [-345, 1],
      ]),
    ),
  ]).toEqual([0xa7, 0x01, 1, 5, 0xac, 0x02])
})

it('reads every histogram as it was, and adds it to what is there', () => {
  for (let round = 0; round < 200; round++) {
    const histogram: LogHistogram = new Map()
    const size = Math.floor(Math.random() * 60)
    for (let index = 0; index < size; index++) {
      const ms = 10 ** (Math.random() * 12 - 4)
      histogram.set(bucketOf(ms), 1 + Math.floor(10 ** (Math.random() * 12)))
    }
    expect(read(histogramBytes(histogram))).toEqual(histogram)
    const doubled = new Map([...histogram].map(([bucket, count]) => [bucket, 2 * count]))
    expect(read(histogramBytes(histogram), new Map(histogram))).toEqual(doubled)
  }
})

it('does not take half a number for one', () => {
  expect(() => read(Buffer.from([0xa7]))).toThrow('the bytes end within a number')
})
