/**
 * Pino's `timestamp`: the wall clock in ISO 8601, with the text of the second kept, since `toISOString` alone costs as
 * much as the rest of a line.
 */
export function createLogTime(wallMs: () => number): () => string {
  let second = Number.NaN
  let prefix = ''
  return () => {
    const now = wallMs()
    const nowSecond = Math.floor(now / 1_000)
    if (nowSecond !== second) {
      second = nowSecond
      prefix = `,"time":"${new Date(nowSecond * 1_000).toISOString().slice(0, -'000Z'.length)}`
    }
    return `${prefix}${String(now - nowSecond * 1_000).padStart(3, '0')}Z"`
  }
}
