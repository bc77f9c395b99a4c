/** Milliseconds as PromQL writes them. Rules get it as an argument, so that a test can shorten all times alike. */
export interface PromTime {
  /** A duration: `5m`, `1h30m`. */
  span(ms: number): string
  /** A number of seconds, to compare with. */
  seconds(ms: number): string
}

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
] as const

/** `scale`: 1 for the times as declared, 0.05 for a twentieth of them. */
export function promTime(scale = 1): PromTime {
  return {
    span(ms) {
      let rest = Math.round(ms * scale)
      if (rest <= 0) return '0s'
      return units
        .map(([unit, unitMs]) => {
          const count = Math.floor(rest / unitMs)
          rest -= count * unitMs
          return count === 0 ? '' : `${count}${unit}`
        })
        .join('')
    },
    seconds: (ms) => String((ms * scale) / 1_000),
  }
}
