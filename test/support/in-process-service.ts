import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { vi } from 'vitest'
import { readEnv, toConfig } from '../../src/config.ts'
import { createService } from '../../src/service.ts'

export type LogLine = Record<string, unknown> & { readonly event: string; readonly level: string }

export interface InProcessService {
  readonly port: number
  readonly url: string
  readonly lines: readonly LogLine[]
  /** The lines with this request id, once the first has come. */
  linesOf(requestId: string): Promise<LogLine[]>
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

const migrationsDirectory = join(import.meta.dirname, '../../migrations')

/** The whole service within the test's process, on ports from the kernel, ready; its log lines are kept, `debug` too. */
export async function startInProcess(env: Readonly<Record<string, string>>): Promise<InProcessService> {
  const dataDir = await mkdtemp(join(tmpdir(), 'medio-data-'))
  const lines: LogLine[] = []
  const variables = { PORT: '0', METRICS_PORT: '0', DATA_DIR: dataDir, NODE_ENV: 'test', LOG_LEVEL: 'debug', ...env }
  const service = createService({
    config: toConfig(readEnv(variables)),
    version: '1.0.0',
    migrationsDirectory,
    sink: {
      write: (line) => lines.push(JSON.parse(line) as LogLine),
      flush: () => undefined,
    },
  })
  const { port = 0 } = await service.start()
  let stopped: Promise<void> | undefined
  const stop = () => {
    stopped ??= service.stop('test')
    return stopped
  }
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    lines,
    linesOf: (requestId) =>
      vi.waitFor(() => {
        const found = lines.filter((line) => line.requestId === requestId)
        if (found.length === 0) throw new Error(`no line has the request id ${requestId}`)
        return found
      }),
    stop,
    async [Symbol.asyncDispose]() {
      await stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
