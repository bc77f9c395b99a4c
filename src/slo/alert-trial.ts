/**
 * A fault as the series that Prometheus would scrape: first all is well, then the fault lasts, then all is well again.
 * A second run has `below` in place of the fault, and must stay silent.
 */
export interface AlertTrial {
  /** The fault, in words. */
  readonly what: string
  /** Between two scrapes, and two evaluations of the rules. */
  readonly stepMs: number
  readonly wellMs: number
  readonly faultMs: number
  /** From the begin of the fault: still silent, or pending. */
  readonly silentUntilMs?: number
  /** From the begin of the fault. */
  readonly firesAfterMs: number
  /** From the end of the fault; absent for what ends never. */
  readonly resolvesAfterMs?: number
  readonly series: readonly TrialSeries[]
  /** Labels of each alert that must fire, but for name and severity; one with none if left out. */
  readonly labels?: readonly Readonly<Record<string, string>>[]
  /** What always fires is not tried with `below`. */
  readonly neverSilent?: true
  /** What takes the place of `{{ $value … }}` in the texts. */
  readonly value?: string
}

export interface TrialSeries {
  /** As PromQL selects it: `name{label="value"}`. */
  readonly name: string
  /** null: there is no such series, and where it ended its end was told, as Prometheus does for what a scrape lacks. */
  readonly well: number | null
  readonly fault: number | null
  /** Just not enough for the alert. The same as in the fault if left out. */
  readonly below?: number | null
  /** It is after the fault as it was in it, and not well again. */
  readonly stays?: true
  /** The numbers are what a counter grows by in a step. */
  readonly growing?: boolean
}
