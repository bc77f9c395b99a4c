import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { startEmbedded } from '../../src/db/embedded.ts'
import { migrate } from '../../src/db/migrate.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** The shared server's superuser, at its maintenance database. */
    postgresUrl: string
  }
}

export const templateName = 'medio_template'
const migrations = join(import.meta.dirname, '../../migrations')

/** One server for the whole run, with one migrated database that tests clone. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const parent = await mkdtemp(join(tmpdir(), 'medio-test-'))
  // The server of root runs as another user: where that can't enter, its data would be put, and stay, elsewhere.
  await chmod(parent, 0o755)
  const server = await startEmbedded({
    directory: join(parent, 'postgres'),
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '200' },
  })
  const client = new pg.Client({ connectionString: server.url })
  await client.connect()
  await client.query(`create database ${templateName}`)
  await client.end()
  const template = new URL(server.url)
  template.pathname = `/${templateName}`
  await migrate({ databaseUrl: template.href, directory: migrations, log: () => undefined })
  project.provide('postgresUrl', server.url)
  return async () => {
    await server.stop()
    await rm(parent, { recursive: true, force: true })
  }
}
