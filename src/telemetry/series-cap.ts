export interface SeriesCap {
  /** Sets lines aside. Throws beyond the limit: then the definitions themselves don't fit. */
  reserve(lines: number): void
  /**
   * The series of one metric, found by two label values without building a key. A combination beyond the budget is not
   * stored: it gets the overflow series, and `onOverflow` is told at each use.
   */
  table<Second, Series>(options: {
    linesPerSeries: number
    create(first: string, second: Second): Series
    overflow(second: Second): Series
  }): (first: string, second: Second) => Series
}

/**
 * A budget of series for the whole process, counted as the lines that a scrape shows: a histogram's series is its
 * buckets, `+Inf`, `_sum` and `_count`. What is fixed and every metric's `overflow` is reserved at construction; what is
 * left goes to label values in the order in which they turn up.
 */
export function createSeriesCap(limit: number, onOverflow: () => void): SeriesCap {
  let used = 0

  function admit(lines: number): boolean {
    if (used + lines > limit) return false
    used += lines
    return true
  }

  return {
    reserve(lines) {
      if (admit(lines)) return
      throw new Error(`metrics: ${used + lines} reserved series exceed the limit of ${limit}; raise it or cut buckets`)
    },
    table({ linesPerSeries, create, overflow }) {
      type Second = Parameters<typeof overflow>[0]
      const rows = new Map<string, Map<Second, ReturnType<typeof overflow>>>()

      function add(first: string, second: Second) {
        if (!admit(linesPerSeries)) {
          onOverflow()
          return overflow(second)
        }
        const series = create(first, second)
        const row = rows.get(first)
        if (row === undefined) rows.set(first, new Map([[second, series]]))
        else row.set(second, series)
        return series
      }

      return (first, second) => rows.get(first)?.get(second) ?? add(first, second)
    },
  }
}
