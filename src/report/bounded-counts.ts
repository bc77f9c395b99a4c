import type { CodeCount } from './report.ts'

/** Words from outside come without end; what is beyond the bound is counted as `other`. */
const mostCodes = 50
const longest = 200

export interface BoundedCounts {
  add(code: string): void
  /** Most frequent first. */
  listed(): CodeCount[]
}

export function createBoundedCounts(): BoundedCounts {
  const counts = new Map<string, number>()
  return {
    add(code) {
      const cut = code.slice(0, longest)
      const counted = counts.has(cut) || counts.size < mostCodes ? cut : 'other'
      counts.set(counted, (counts.get(counted) ?? 0) + 1)
    },
    listed: () => [...counts].map(([code, count]) => ({ code, count })).sort((a, b) => b.count - a.count),
  }
}
