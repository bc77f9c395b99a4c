/** What every comparison stands on: a migrated Postgres and the far sides of the checks, for one run of bench. */
import { rmSync } from 'node:fs'
import { chmod, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startEmbedded } from '../../src/db/embedded.ts'
import { migrate } from '../../src/db/migrate.ts'
import { startStandIns } from './stand-ins.ts'

/** What a person asks of a run. */
export interface RunOptions {
  /** Few short rounds: shows that all runs, says nothing about speed. */
  readonly quick: boolean
  /** How often, or for how long, a comparison of machines measures; its own choice when absent. */
  readonly count: number | undefined
  readonly minutes: number | undefined
  /** Also write the figures that other parts of the project are held against. */
  readonly record: boolean
}

export interface Stage extends RunOptions, AsyncDisposable {
  readonly databaseUrl: string
  /** Temporary, gone at the end. */
  readonly directory: string
  readonly standInEnv: Readonly<Record<string, string>>
}

/** Without `databaseUrl` an embedded Postgres is started; with it, that database gets the service's tables. */
export async function createStage(options: RunOptions, databaseUrl?: string): Promise<Stage> {
  const directory = await mkdtemp(join(tmpdir(), 'medio-bench-'))
  process.once('exit', () => rmSync(directory, { recursive: true, force: true, maxRetries: 3 }))
  // So that an embedded Postgres, which never runs as root, keeps its data here too.
  await chmod(directory, 0o711)
  const standIns = await startStandIns()
  const embedded =
    databaseUrl === undefined ? await startEmbedded({ directory: join(directory, 'postgres') }) : undefined
  const url = databaseUrl ?? embedded?.url ?? ''
  await migrate({
    databaseUrl: url,
    directory: fileURLToPath(new URL('../../migrations', import.meta.url)),
    log: ignoreLine,
  })
  return {
    ...options,
    databaseUrl: url,
    directory,
    standInEnv: standIns.env,
    async [Symbol.asyncDispose]() {
      standIns.close()
      await embedded?.stop()
    },
  }
}

function ignoreLine(): void {
  // The tables of a database that lives for one run are no news.
}
