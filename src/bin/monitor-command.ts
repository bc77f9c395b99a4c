import { exitCodeOf } from '../monitor/exit-code.ts'
import { monitorLive } from '../monitor/monitor-live.ts'
import { monitorReplay } from '../monitor/monitor-replay.ts'
import { readOptions } from '../monitor/options.ts'
import { observationsPath, writeReports } from '../monitor/out-directory.ts'
import { prepare } from '../monitor/prepare.ts'
import { summaryOf } from '../monitor/summary.ts'
import { monitorUsage } from '../monitor/usage.ts'
import { renderMarkdown } from '../report/format/markdown.ts'
import type { Report } from '../report/report.ts'
import { catchStopSignals } from './catch-stop-signals.ts'
import type { Command } from './medio.ts'

/** `medio monitor`: progress on stderr, the report on stdout or, with `--out`, in files. */
export const monitorCommand: Command = async (words) => {
  if (words.includes('--help') || words.includes('-h')) {
    process.stdout.write(monitorUsage)
    return 0
  }
  const read = readOptions(words)
  if ('problems' in read) return refuse(read.problems, `\n${monitorUsage}`)
  const { options } = read
  const set = prepare(options, process.env)
  if ('problems' in set) return refuse(set.problems)

  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', () => {
      // The reader or the terminal is gone; the files are for later.
    })
  }
  const signals = catchStopSignals()
  try {
    const outcome =
      options.kind === 'replay'
        ? await monitorReplay({ options, ...set })
        : await monitorLive({ options, ...set, secrets: process.env, stream: process.stderr, signal: signals.stopped })
    if ('problem' in outcome) return refuse([outcome.problem])
    tell(outcome.reports, options.outDirectory)
    endSoon()
    return exitCodeOf(outcome.reports)
  } catch (error) {
    // 1 would say that the service did not meet its criteria.
    const kept = options.outDirectory === undefined ? undefined : observationsPath(options.outDirectory)
    const next = kept === undefined ? [] : [`the observations are safe; try: medio monitor --replay ${kept}`]
    return refuse([error instanceof Error ? error.message : String(error), ...next])
  }
}

/**
 * A lookup can't be cancelled: while DNS is gone, those under way keep the process for some seconds after its report. Those
 * that wait behind them shall not add to it.
 */
function endSoon(): void {
  process.stdout.write('', () => setTimeout(() => process.exit(), 1_000).unref())
}

function tell(reports: readonly Report[], outDirectory: string | undefined): void {
  if (outDirectory === undefined) process.stdout.write(reports.map(renderMarkdown).join('\n'))
  else {
    const directories = writeReports(outDirectory, reports)
    process.stdout.write(reports.map((report, index) => summaryOf(report, directories[index] ?? '')).join('\n'))
  }
}

function refuse(problems: readonly string[], usage = ''): number {
  process.stderr.write(`${problems.map((problem) => `medio monitor: ${problem}\n`).join('')}${usage}`)
  return 2
}
