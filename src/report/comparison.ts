/** With an earlier run. */
export interface Comparison {
  readonly baseline: { readonly target: string; readonly from: string | null; readonly to: string | null }
  readonly rows: readonly ComparisonRow[]
}

export interface ComparisonRow {
  readonly what: string
  readonly before: number | null
  readonly now: number | null
  readonly unit: 'ms' | 'ratio'
  readonly change: 'better' | 'worse' | 'none_shown' | 'not_enough_data'
  /** Test, its result and the size of the effect, as a sentence. */
  readonly evidence: string
}
