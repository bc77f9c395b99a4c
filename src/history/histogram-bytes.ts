/**
 * A log histogram as bytes: for each bucket in ascending order the distance to the one before and its count, both as
 * unsigned LEB128 varints. A typical hour takes some hundred bytes, a fifth of what an array of integers does.
 */
import { addToHistogram, type LogHistogram } from '../statistics/log-histogram.ts'

/** Below every bucket there is: the least, of 0.001 ms, is -345. */
const belowAll = -512

export function histogramBytes(histogram: LogHistogram): Buffer {
  const bytes: number[] = []
  let before = belowAll
  for (const bucket of [...histogram.keys()].sort((a, b) => a - b)) {
    pushVarint(bytes, bucket - before)
    pushVarint(bytes, histogram.get(bucket) ?? 0)
    before = bucket
  }
  return Buffer.from(bytes)
}

/** Adds what `bytes` hold to `histogram`. Throws on bytes that are not of `histogramBytes`. */
export function addHistogramBytes(histogram: LogHistogram, bytes: Uint8Array): void {
  let offset = 0
  const next = (): number => {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[offset]
      if (byte === undefined) throw new Error('histogram: the bytes end within a number; the rollup row is damaged')
      offset += 1
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
    }
  }
  let bucket = belowAll
  while (offset < bytes.length) {
    bucket += next()
    addToHistogram(histogram, bucket, next())
  }
}

function pushVarint(bytes: number[], value: number): void {
  let rest = value
  while (rest >= 128) {
    bytes.push((rest % 128) | 0x80)
    rest = Math.floor(rest / 128)
  }
  bytes.push(rest)
}
