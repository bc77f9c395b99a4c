import { pino } from 'pino'

/** One write to the pipe for about fifty request lines. */
const batchLength = 16_384
/** The longest that a line below `warn` waits, and so the most that a SIGKILL can lose. */
const flushAfterMs = 100
const warn = 40

export interface LogDestination {
  write(line: string): void
  /** Writes what is gathered, before it returns. */
  flush(): void
}

/**
 * Whole lines to a file descriptor: gathered while all is well, written at once from `warn` on, at exit and in a crash.
 * Writes are synchronous, since an asynchronous one under way loses or tears its lines when the process ends.
 */
export function createLogDestination(fileDescriptor: number): LogDestination {
  const stream = pino.destination({ dest: fileDescriptor, sync: true })
  stream.on('error', () => {
    // The reader of the log is gone or its disk is full: there is nowhere left to say so, and no reason to stop serving.
  })
  let batch = ''
  let timer: NodeJS.Timeout | undefined

  function flush(): void {
    clearTimeout(timer)
    timer = undefined
    if (batch === '') return
    const lines = batch
    batch = ''
    stream.write(lines)
  }

  const destination = {
    // Pino sets `lastLevel` before each write to a stream with this mark (pino's docs/api.md, "pino.symbols").
    [Symbol.for('pino.metadata')]: true,
    lastLevel: 0,
    write(line: string) {
      batch += line
      if (batch.length >= batchLength || destination.lastLevel >= warn) flush()
      else timer ??= setTimeout(flush, flushAfterMs).unref()
    },
    flush,
  }
  process.once('exit', flush)
  return destination
}
