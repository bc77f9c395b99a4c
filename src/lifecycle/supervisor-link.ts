import { writeSync } from 'node:fs'

/**
 * What this process and the supervisor that started it tell each other, so that the public port opens no sooner and
 * closes no later than it may. Towards the supervisor it is a line on a file descriptor, as s6's readiness notification
 * is (https://skarnet.org/software/s6/notifywhenup.html); back it is a signal.
 */
export interface SupervisorLink {
  /** The public port may open. */
  ready(): void
  /** The public port must close: no request may be on its way when we stop to listen. Resolves when it is closed. */
  closePort(): Promise<void>
  /** Resolves when the port is closed, by us or because the proxy on it died; never when nobody supervises. */
  readonly portClosed: Promise<void>
}

const portClosedSignal = 'SIGUSR2'

/** `notifyFd`: the descriptor to write to; undefined when nobody supervises, and the port is this process's own. */
export function createSupervisorLink(notifyFd: number | undefined): SupervisorLink {
  if (notifyFd === undefined) return unsupervised
  const portClosed = Promise.withResolvers<void>()
  // Installed from the start: by default the signal would end the process.
  process.on(portClosedSignal, portClosed.resolve)

  function tell(notice: 'ready' | 'closing'): void {
    try {
      writeSync(notifyFd as number, `${notice}\n`)
    } catch {
      // The supervisor is gone, and the port with it or soon.
      portClosed.resolve()
    }
  }

  return {
    ready: () => tell('ready'),
    closePort() {
      tell('closing')
      return portClosed.promise
    },
    portClosed: portClosed.promise,
  }
}

const unsupervised: SupervisorLink = {
  ready: () => undefined,
  closePort: async () => undefined,
  portClosed: new Promise(() => undefined),
}
