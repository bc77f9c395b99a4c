/**
 * Where the time of a start went. A phase ends when it is marked; the next begins there, so the phases add up to the
 * start and nothing hides between them. CPU beside wall time tells waiting (I/O, a throttled core) from work.
 */
export interface StartupPhase {
  readonly phase: string
  /** Milliseconds since the process was started. */
  readonly startedMs: number
  readonly wallMs: number
  readonly cpuMs: number
}

export interface StartupPhases {
  mark(phase: string): void
  list(): readonly StartupPhase[]
  /** As a `Server-Timing` header (W3C Server Timing): wall milliseconds of all phases so far. */
  serverTiming(): string
  /** The same, phase by phase. */
  serverTimingByPhase(): string
}

/** `sinceStartMs`: wall milliseconds since the process was started. `cpuMs`: its CPU time so far, all threads. */
export function createStartupPhases(sinceStartMs: () => number, cpuMs: () => number): StartupPhases {
  const phases: StartupPhase[] = []
  let wallBefore = 0
  let cpuBefore = 0
  let serverTiming = ''
  return {
    mark(phase) {
      const wall = sinceStartMs()
      const cpu = cpuMs()
      phases.push({
        phase,
        startedMs: round(wallBefore),
        wallMs: round(wall - wallBefore),
        cpuMs: round(cpu - cpuBefore),
      })
      serverTiming = `start;dur=${round(wall)}`
      wallBefore = wall
      cpuBefore = cpu
    },
    list: () => phases,
    serverTiming: () => serverTiming,
    serverTimingByPhase: () =>
      phases.map(({ phase, wallMs }) => `${phase.replaceAll(' ', '-')};dur=${wallMs}`).join(', '),
  }
}

const round = (ms: number) => Math.round(ms * 10) / 10
