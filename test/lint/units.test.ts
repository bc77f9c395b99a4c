import { describe, expect, it } from 'vitest'
import { flyDurationMs } from '../../src/lint/fly-duration.ts'
import { flyMemoryMb, presetMemoryMb } from '../../src/lint/fly-memory.ts'
import { nginxSizeBytes, nginxTimeMs } from '../../src/lint/nginx-units.ts'

describe('the units of the files', () => {
  it.each([
    ['5s', 5_000],
    ['1m30s', 90_000],
    ['1.5h', 5_400_000],
    ['250ms', 250],
    [7, 7_000],
    ['7', undefined],
    ['5 s', undefined],
    ['', undefined],
    ['5d', undefined],
  ])('read a duration of Fly, here with bare seconds: %j', (text, ms) => {
    expect(flyDurationMs(text, 1_000)).toBe(ms)
  })

  it.each([
    ['256mb', 256],
    ['256MiB', 256],
    ['1gb', 1_024],
    ['0.5g', 512],
    ['512', 512],
    [512, 512],
    ['1tb', undefined],
    ['', undefined],
  ])('read a size of Fly: %j', (text, mb) => {
    expect(flyMemoryMb(text)).toBe(mb)
  })

  it.each([
    ['shared-cpu-1x', 256],
    ['shared-cpu-8x', 2_048],
    ['performance-2x', 4_096],
    ['a100-40gb', undefined],
  ])('know the memory of the preset %s', (size, mb) => {
    expect(presetMemoryMb(size)).toBe(mb)
  })

  it.each([
    ['75', 75_000],
    ['75s', 75_000],
    ['1m 30s', 90_000],
    ['1h30m', 5_400_000],
    ['500ms', 500],
    ['1d', 86_400_000],
    ['soon', undefined],
    ['', undefined],
  ])('read a time of nginx: %j', (text, ms) => {
    expect(nginxTimeMs(text)).toBe(ms)
  })

  it.each([
    ['1024', 1_024],
    ['16k', 16_384],
    ['1M', 1_048_576],
    ['1g', 1_073_741_824],
    ['0', 0],
    ['1t', undefined],
  ])('read a size of nginx: %j', (text, bytes) => {
    expect(nginxSizeBytes(text)).toBe(bytes)
  })
})
