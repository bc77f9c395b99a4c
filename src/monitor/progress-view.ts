import { clearScreenDown, cursorTo, moveCursor } from 'node:readline'
import type { WriteStream } from 'node:tty'
import { styleText } from 'node:util'
import { isOk, type Observation } from '../observation/observation.ts'
import type { Progress } from '../report/assessment.ts'
import { probeText, progressText, shareText } from './progress-text.ts'

/** Shows how a run goes. */
export interface ProgressView {
  probed(observation: Observation): void
  /** A sentence that stays. */
  note(sentence: string): void
  /** Leaves the last state behind. */
  end(): void
}

export interface ProgressSource {
  /** Turns of the schedule in all; Infinity for a run without an end. */
  readonly planned: number
  readonly stepMs: number
  progress(): readonly { readonly target: string; readonly progress: Progress }[]
  monotonicMs(): number
}

const redrawEveryMs = 1_000
const lineEveryMs = 60_000
const barWidth = 24
/** More would push the rest off a small screen. */
const targetsMax = 8
const hint = 'Ctrl-C ends early and still writes the report'

/** On a terminal a few lines that are drawn anew, elsewhere a line a minute. */
export function createProgressView(stream: NodeJS.WriteStream, source: ProgressSource): ProgressView {
  return stream.isTTY ? createTerminalView(stream, source) : createLineView(stream, source)
}

function createTerminalView(stream: WriteStream, source: ProgressSource): ProgressView {
  const clock = createClock(source)
  let last: Observation | undefined
  let ended = 0
  let drawnLines = 0
  let drawnMs = Number.NEGATIVE_INFINITY

  function erase(): void {
    if (drawnLines > 0) moveCursor(stream, 0, -drawnLines)
    cursorTo(stream, 0)
    clearScreenDown(stream)
    drawnLines = 0
  }

  function draw(closing: boolean): void {
    const all = source.progress()
    const several = all.length > 1
    const lines: (string | { text: string; colour: 'red' | 'yellow' | 'green' | 'dim' })[] = [
      `${bar(ended, source.planned)}${clock.shareText(ended)}`,
      ...(last === undefined ? [] : [{ text: `last   ${probeText(last)}`, colour: colourOf(last) }]),
      ...all
        .slice(0, targetsMax)
        .map(({ target, progress }) => `so far ${several ? `${target} ` : ''}${progressText(progress)}`),
      ...(all.length > targetsMax ? [`       and ${all.length - targetsMax} more targets`] : []),
      ...(closing ? [] : [{ text: hint, colour: 'dim' as const }]),
    ]
    erase()
    for (const line of lines) {
      const text = (typeof line === 'string' ? line : line.text).slice(0, Math.max(stream.columns - 1, 20))
      stream.write(`${typeof line === 'string' ? text : styleText(line.colour, text, { stream })}\n`)
    }
    drawnLines = lines.length
    drawnMs = source.monotonicMs()
  }

  const timer = setInterval(() => draw(false), redrawEveryMs)
  draw(false)
  return {
    probed(observation) {
      last = observation
      ended += 1
      // A hundred probes a second would only flicker.
      if (source.monotonicMs() - drawnMs > redrawEveryMs / 10) draw(false)
    },
    note(sentence) {
      erase()
      stream.write(`${sentence}\n`)
      draw(false)
    },
    end() {
      clearInterval(timer)
      draw(true)
      drawnLines = 0
    },
  }
}

function createLineView(stream: NodeJS.WriteStream, source: ProgressSource): ProgressView {
  const clock = createClock(source)
  let ended = 0

  function tell(): void {
    const all = source.progress()
    const share = clock.shareText(ended)
    if (all.length > 1) stream.write(`${share}\n`)
    for (const { target, progress } of all) {
      stream.write(`${target}: ${all.length > 1 ? '' : `${share}; `}${progressText(progress)}\n`)
    }
  }

  const timer = setInterval(tell, lineEveryMs)
  return {
    probed() {
      ended += 1
    },
    note: (sentence) => stream.write(`${sentence}\n`),
    end() {
      clearInterval(timer)
      tell()
    },
  }
}

function createClock({ planned, stepMs, monotonicMs }: ProgressSource) {
  const beginMs = monotonicMs()
  return {
    shareText(ended: number): string {
      const elapsedMs = monotonicMs() - beginMs
      // The last probe begins a step before the end.
      return shareText(ended, planned, elapsedMs, ended >= planned ? 0 : (planned - 1) * stepMs - elapsedMs)
    },
  }
}

function bar(ended: number, planned: number): string {
  if (!Number.isFinite(planned)) return ''
  const full = Math.min(barWidth, Math.floor((ended / planned) * barWidth))
  return `[${'#'.repeat(full)}${'.'.repeat(barWidth - full)}] `
}

function colourOf(observation: Observation): 'red' | 'yellow' | 'green' {
  if (!isOk(observation)) return 'red'
  return observation.healthStatus === 'healthy' ? 'green' : 'yellow'
}
