/** Work that comes back: each job one run at a time, however long it takes. */
export interface Jobs {
  /** `run` throws when it failed; it runs again all the same. */
  every(intervalMs: number, name: string, run: (signal: AbortSignal) => void | Promise<void>): void
  /** Aborts what runs and resolves when it has ended. */
  stop(): Promise<void>
}

export function createJobs(onFailed: (job: string, error: unknown) => void): Jobs {
  const stopping = new AbortController()
  const timers: NodeJS.Timeout[] = []
  const running = new Map<string, Promise<void>>()

  async function runOnce(name: string, run: (signal: AbortSignal) => void | Promise<void>): Promise<void> {
    try {
      await run(stopping.signal)
    } catch (error) {
      if (!stopping.signal.aborted) onFailed(name, error)
    }
  }

  return {
    every(intervalMs, name, run) {
      const tick = () => {
        if (running.has(name)) return
        const ended = runOnce(name, run)
        running.set(name, ended)
        void ended.then(() => running.delete(name))
      }
      timers.push(setInterval(tick, intervalMs).unref())
    },
    async stop() {
      for (const timer of timers) clearInterval(timer)
      stopping.abort(new Error('the service stops'))
      await Promise.all(running.values())
    },
  }
}
