/** Fly stops a machine with SIGINT, Docker and people with SIGTERM: both mean the same. */
export const stopSignals = ['SIGINT', 'SIGTERM'] as const

export interface SignalHandlers {
  /** The first signal. */
  stop(signal: NodeJS.Signals): void
  /** Every further one. */
  hurry(signal: NodeJS.Signals): void
  /** An exception that nobody caught, or a rejection that nobody awaited. Must end the process. */
  crash(error: unknown): void
}

export function installSignals(handlers: SignalHandlers): void {
  let stopping = false
  const onSignal = (signal: NodeJS.Signals) => {
    if (stopping) handlers.hurry(signal)
    else {
      stopping = true
      handlers.stop(signal)
    }
  }
  for (const signal of stopSignals) process.on(signal, onSignal)
  process.on('uncaughtException', handlers.crash)
}
