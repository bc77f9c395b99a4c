const units = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
  ['s', 1],
] as const

/** A duration at a glance, its two largest units: `4m12s`, `6d04h`. A negative one, by a stepped clock, is `0s`. */
export function formatDuration(durationMs: number): string {
  const seconds = Math.max(0, Math.floor(durationMs / 1_000))
  const index = units.findIndex(([, size]) => seconds >= size)
  const [name, size] = units[index] ?? ['s', 1]
  const next = index === -1 ? undefined : units[index + 1]
  const head = `${Math.floor(seconds / size)}${name}`
  return next === undefined
    ? head
    : `${head}${String(Math.floor((seconds % size) / next[1])).padStart(2, '0')}${next[0]}`
}
