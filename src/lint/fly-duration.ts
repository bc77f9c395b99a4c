const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/**
 * Milliseconds of a duration of fly.toml: Go's `1m30s`, or a bare number that counts `bareUnitMs` each (flyctl takes
 * milliseconds for checks and seconds for kill_timeout). Undefined when it is neither.
 */
export function flyDurationMs(value: string | number, bareUnitMs: number): number | undefined {
  if (typeof value === 'number') return value * bareUnitMs
  if (!/^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/.test(value)) return undefined
  const parts = value.matchAll(/([\d.]+)(ms|s|m|h)/g)
  return [...parts].reduce((sum, [, count, unit = '']) => sum + Number(count) * (unitMs[unit] ?? 0), 0)
}
