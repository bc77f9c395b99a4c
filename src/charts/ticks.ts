/** What is written at an axis. */

const dayMs = 86_400_000

/** In UTC, as fine as the extent of the axis needs. */
export function timeTick(at: Date, spanMs: number): string {
  const iso = at.toISOString()
  if (spanMs > 3 * dayMs) return iso.slice(0, 10)
  if (spanMs > dayMs) return iso.slice(5, 16).replace('T', ' ')
  return spanMs > 600_000 ? iso.slice(11, 16) : iso.slice(11, 19)
}

export function durationTick(ms: number): string {
  const [value, unit] = ms >= 1_000 ? [ms / 1_000, 's'] : [ms, 'ms']
  return `${Number(value.toPrecision(3))} ${unit}`
}
