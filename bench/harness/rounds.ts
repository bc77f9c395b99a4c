/** Figures of one contestant in one round, by column. */
export type Sample = Readonly<Record<string, number>>
export type Results = Readonly<Record<string, readonly Sample[]>>

/**
 * Runs every contestant once a round, one after the other, each round beginning with the next one: drift of the
 * machine then falls on all of them alike.
 */
export async function interleave(
  contestants: Readonly<Record<string, () => Promise<Sample>>>,
  rounds: number,
): Promise<Results> {
  const entries = Object.entries(contestants)
  const results: Record<string, Sample[]> = Object.fromEntries(entries.map(([name]) => [name, []]))
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < entries.length; turn += 1) {
      const entry = entries[(round + turn) % entries.length]
      if (entry !== undefined) results[entry[0]]?.push(await entry[1]())
    }
  }
  return results
}
