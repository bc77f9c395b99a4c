/**
 * Nobody has asked for anything for a while: remote checks may rest, so that a database that scales to zero can too.
 * Only user traffic keeps awake; probes and scrapes do not.
 */
export interface IdleWatch {
  /** Called at every user request; wakes when idle. */
  touch(): void
  stop(): void
}

export function createIdleWatch(options: {
  /** 0: never idle. */
  idleAfterMs: number
  monotonicMs: () => number
  onIdle: () => void
  onActive: () => void
}): IdleWatch {
  const { idleAfterMs, monotonicMs, onIdle, onActive } = options
  if (idleAfterMs === 0) return { touch: () => undefined, stop: () => undefined }
  let idle = false
  let lastMs = monotonicMs()
  let timer: NodeJS.Timeout

  const arm = (delayMs: number) => {
    timer = setTimeout(look, delayMs)
    timer.unref()
  }
  const look = () => {
    const leftMs = lastMs + idleAfterMs - monotonicMs()
    if (leftMs > 0) return arm(leftMs)
    idle = true
    onIdle()
  }
  arm(idleAfterMs)

  return {
    touch() {
      lastMs = monotonicMs()
      if (!idle) return
      idle = false
      onActive()
      arm(idleAfterMs)
    },
    stop: () => clearTimeout(timer),
  }
}
