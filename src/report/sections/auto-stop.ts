import { awakeAfterRequestMs } from '../costs.ts'
import type { Report } from '../report.ts'
import { counted, inMs, inPercent, inTime, inWords } from '../wording.ts'
import { type Block, type Section, table, text } from './section.ts'

export function autoStop({ counts, latencyMs, evidence, availability }: Report): Section {
  const heading = { id: 'auto-stop', title: 'Auto-stop and cold starts' }
  const classified = counts.cold + counts.resume + counts.warm
  if (classified === 0) {
    const what =
      availability.total === 0
        ? 'No probe tells anything of the target.'
        : 'No answer told how long its process had run (header Medio-Uptime-Ms).'
    return { ...heading, blocks: [text(what)] }
  }
  const rows = (['cold', 'resume', 'warm'] as const).map((kind) => [
    kind,
    inWords(counts[kind]),
    inPercent(counts[kind] / classified),
    latencyMs[kind].count === 0 ? '–' : inMs(latencyMs[kind].p50),
    latencyMs[kind].count === 0 ? '–' : inMs(latencyMs[kind].max),
  ])
  const blocks: Block[] = [
    ...table('Who waited for a start', ['answer', 'count #', 'share #', 'p50 #', 'slowest #'], rows),
    ...(counts.unclassified > 0
      ? [text(`${counted(counts.unclassified, 'probe')} carried no evidence, and are in none of these.`)]
      : []),
    text(prober(evidence.probing?.intervalMs)),
    ...starts(evidence.metrics?.starts),
  ]
  return { ...heading, blocks }
}

function prober(intervalMs: number | undefined): string {
  if (intervalMs === undefined)
    return 'Whether the probing itself kept a machine awake is not known: its interval is not.'
  if (intervalMs >= awakeAfterRequestMs) {
    return `A probe every ${inTime(intervalMs)} leaves machines time to stop, so that each may be a cold start.`
  }
  return `The probing itself kept a machine awake: a request every ${inTime(intervalMs)}, and Fly stops a machine after some minutes without any. Without it there would be more cold starts.`
}

function starts(counted: readonly { kind: string; reason: string; count: number }[] | undefined): Block[] {
  if (counted === undefined) return []
  const rows = counted.map(({ kind, reason, count }) => [kind, reason, inWords(count)])
  return rows.length === 0
    ? [text('/metrics counted no start in this time.')]
    : table('Starts in this time, by /metrics', ['start', 'reason', 'count #'], rows)
}
