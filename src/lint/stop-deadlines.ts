import type { ShutdownStep } from '../lifecycle/shutdown.ts'
import { type RunningParts, shutdownSteps } from '../shutdown-steps.ts'

/** Production has none. */
const developmentOnly = 'embedded server'

/** The steps of a stop in production with their deadlines. None is run, so none asks for the running parts. */
export function stopDeadlines(drainDelayMs: number): Pick<ShutdownStep, 'name' | 'timeoutMs'>[] {
  const steps = shutdownSteps(drainDelayMs, () => ({}) as RunningParts)
  return steps.filter(({ name }) => name !== developmentOnly)
}
