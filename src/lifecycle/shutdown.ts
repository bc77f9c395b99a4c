/** One thing to close, with the longest it may take. `hurry` aborts when somebody asked a second time. */
export interface ShutdownStep {
  readonly name: string
  readonly timeoutMs: number
  run(hurry: AbortSignal): void | Promise<void>
}

export interface ShutdownResult {
  readonly step: string
  readonly outcome: 'done' | 'failed' | 'timed out'
  readonly wallMs: number
  readonly error?: unknown
}

/** What a step may still take once the shutdown is hurried. */
const hurriedTimeoutMs = 1_000

/**
 * Runs the steps in order. A step that fails or overruns is told in the result and the next one runs all the same:
 * nothing that is closed later may be lost for something that hangs before it.
 */
export async function runShutdown(steps: readonly ShutdownStep[], hurry: AbortSignal): Promise<ShutdownResult[]> {
  const results: ShutdownResult[] = []
  for (const step of steps) results.push(await runStep(step, hurry))
  return results
}

async function runStep(step: ShutdownStep, hurry: AbortSignal): Promise<ShutdownResult> {
  const begun = performance.now()
  const result = (outcome: ShutdownResult['outcome'], error?: unknown): ShutdownResult => ({
    step: step.name,
    outcome,
    wallMs: Math.round(performance.now() - begun),
    ...(error === undefined ? {} : { error }),
  })
  const deadline = Promise.withResolvers<ShutdownResult>()
  const expire = () => deadline.resolve(result('timed out'))
  let timer = setTimeout(expire, hurry.aborted ? Math.min(step.timeoutMs, hurriedTimeoutMs) : step.timeoutMs)
  const shorten = () => {
    clearTimeout(timer)
    timer = setTimeout(expire, Math.min(step.timeoutMs, hurriedTimeoutMs))
  }
  hurry.addEventListener('abort', shorten, { once: true })
  const work = (async () => step.run(hurry))().then(
    () => result('done'),
    (error: unknown) => result('failed', error),
  )
  try {
    return await Promise.race([work, deadline.promise])
  } finally {
    clearTimeout(timer)
    hurry.removeEventListener('abort', shorten)
  }
}
