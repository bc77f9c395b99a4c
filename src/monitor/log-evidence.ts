import type { Evidence } from '../report/evidence.ts'
import { type LogWindow, readLog } from './log-findings.ts'

/** What the log of the service says, or the gap that it leaves. */
export async function readLogEvidence(path: string | undefined, window: LogWindow): Promise<Evidence> {
  if (path === undefined) return { gaps: [] }
  try {
    const { findings, events } = await readLog(path, window)
    return { logs: findings, machineEvents: events, gaps: [] }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { gaps: [`The log could not be read: ${reason}.`] }
  }
}
