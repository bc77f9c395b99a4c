import { setTimeout as delay } from 'node:timers/promises'
import type { Container } from '../../scripts/image/container.ts'

type LogLine = Readonly<Record<string, unknown>>

/** Generous: a bound for a hang, on a machine that does other things too. */
const withinMs = 60_000
const pollMs = 20

/** What it logged so far. Other lines, as of the init, are left out, and a last one that has no end yet. */
export function logLines(container: Container): LogLine[] {
  const ended = container.output().split('\n').slice(0, -1)
  return ended.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as LogLine)
}

/** The first line with this event, now or as soon as it comes. */
export async function logged(container: Container, event: string): Promise<LogLine> {
  const found = () => logLines(container).find((line) => line.event === event)
  await until(container, `${event} is logged`, () => found() !== undefined)
  return found() as LogLine
}

/** Polls until it holds; fails with what the container said. */
export async function until(container: Container, what: string, holds: () => unknown): Promise<void> {
  const deadlineMs = performance.now() + withinMs
  let ended = false
  void container.exited.then(() => {
    ended = true
  })
  while (!(await holds())) {
    if (ended || performance.now() > deadlineMs) {
      throw new Error(`it never happened that ${what}; the container said:\n${container.output()}`)
    }
    await delay(pollMs)
  }
}
