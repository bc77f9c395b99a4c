/** Numbers from 0 to 1 that are the same in each run: mulberry32, by T. Ettinger, in the public domain. */
export function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Durations as services have them: most about `medianMs`, few far above. */
export function durations(next: () => number, count: number, medianMs = 60): number[] {
  // Box and Muller; a log-normal of sigma 0.6.
  return Array.from(
    { length: count },
    () => medianMs * Math.exp(0.6 * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())),
  )
}
