import { basename } from 'node:path'
import { type LogClass, type LogFindings, logClasses, type MachineEvent } from '../report/evidence.ts'
import { eachLine } from './file-lines.ts'
import { createLogClassifier } from './log-class.ts'
import { machineEventOf } from './log-events.ts'
import { type LogLine, readLogLine } from './log-line.ts'
import { redact } from './redact.ts'

const examplesMax = 5
const exampleMaxLength = 300
/** A log may hold years; a timeline of more is no timeline. */
const eventsMax = 1_000
/** What led to the first probe and what followed the last one belongs to the run. */
const marginMs = 60_000

/** From the first to the last probe, in epoch milliseconds; undefined: all of the log counts. */
export type LogWindow = { readonly fromMs: number; readonly toMs: number } | undefined

/** What a service's log says of the time of the run. Reads the file once; rejects when it can't be read. */
export async function readLog(
  path: string,
  window: LogWindow,
): Promise<{ readonly findings: LogFindings; readonly events: readonly MachineEvent[] }> {
  const found = Object.fromEntries(logClasses.map((name) => [name, { count: 0, examples: [] as string[] }])) as Record<
    LogClass,
    { count: number; examples: string[] }
  >
  const events: MachineEvent[] = []
  const classOf = createLogClassifier()
  let lines = 0
  let unreadableLines = 0

  await eachLine(path, (text) => {
    if (text?.trim() === '') return
    const line = text === undefined ? undefined : readLogLine(text)
    if (line === undefined) {
      lines += 1
      unreadableLines += 1
      return
    }
    // Classified in any case: whether a machine is starting was perhaps said before the window.
    const name = classOf(line)
    if (!isWithin(line.atMs, window)) return
    lines += 1
    const event = machineEventOf(line)
    if (event !== undefined && events.length < eventsMax) events.push(event)
    if (name === undefined) return
    found[name].count += 1
    if (found[name].examples.length < examplesMax) found[name].examples.push(example(line))
  })
  return { findings: { file: basename(path), lines, unreadableLines, classes: found }, events }
}

function isWithin(atMs: number | undefined, window: LogWindow): boolean {
  if (window === undefined || atMs === undefined) return true
  return atMs >= window.fromMs - marginMs && atMs <= window.toMs + marginMs
}

function example({ atMs, machine, text, fields }: LogLine): string {
  const at = atMs === undefined ? [] : [new Date(atMs).toISOString()]
  const asked = ['statusCode', 'method', 'path', 'route'].flatMap((name) => fields?.[name] ?? [])
  const words = [...at, machine, text, ...asked.map(String)].filter((word) => word !== undefined && word !== '')
  return redact(words.join(' ')).slice(0, exampleMaxLength)
}
