import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { migrateLockKey as lockKey } from './advisory-locks.ts'
import { type MigrationFile, readMigrations } from './migration-files.ts'
import { migrationsTable } from './migration-status.ts'

export interface MigrateOptions {
  readonly databaseUrl: string
  /** Of the SQL files. */
  readonly directory: string
  readonly log: (line: string) => void
  /** The longest wait for another migrator to end. */
  readonly lockWaitMs?: number
}

const lockPollMs = 100
/** A migration that waits for a lock makes every later statement on that table wait behind it. */
const lockTimeoutMs = 10_000
/** A first line of a file that says: run me outside a transaction (one statement, as `create index concurrently`). */
const noTransaction = /^-- no transaction\b/
const checksumsTable = 'schema_migration_checksums'

/** Applies what is pending, each file in its own transaction, in one session. Safe when several run at once. */
export async function migrate(options: MigrateOptions): Promise<{ applied: string[] }> {
  const files = await readMigrations(options.directory)
  const client = new pg.Client({
    connectionString: options.databaseUrl,
    application_name: 'medio migrate',
    connectionTimeoutMillis: 10_000,
    lock_timeout: lockTimeoutMs,
    keepAlive: true,
  })
  client.on('error', () => {
    // The statement that the lost connection interrupts, or the next one, rejects with the reason.
  })
  try {
    await client.connect()
    await lock(client, options.lockWaitMs ?? 60_000)
    await client.query(
      `create table if not exists ${checksumsTable}
         (name text primary key, sha256 text not null, applied_at timestamptz not null default now())`,
    )
    await verify(client, files)
    return { applied: await run(client, files, options) }
  } finally {
    // Ending the session also lets go of the lock and rolls an open transaction back.
    await client.end()
  }
}

/** Polled: a session that waits inside pg_advisory_lock holds a snapshot, which `create index concurrently` waits for. */
async function lock(client: pg.Client, waitMs: number): Promise<void> {
  const deadline = performance.now() + waitMs
  for (;;) {
    const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_lock($1) as locked', [lockKey])
    if (rows[0]?.locked) return
    if (performance.now() > deadline) {
      throw new Error(
        `migrations: another migrator has held the lock for ${waitMs} ms; ` +
          `find it with: select pid from pg_locks where locktype = 'advisory' and objid = ${lockKey}`,
      )
    }
    await delay(lockPollMs)
  }
}

async function verify(client: pg.Client, files: readonly MigrationFile[]): Promise<void> {
  const { rows } = await client.query<{ name: string; sha256: string }>(`select name, sha256 from ${checksumsTable}`)
  const checksums = new Map(rows.map(({ name, sha256 }) => [name, sha256]))
  const last = [...checksums.keys()].sort().at(-1) ?? ''
  for (const { name, sha256 } of files) {
    const applied = checksums.get(name)
    if (applied !== undefined && applied !== sha256) {
      throw new Error(`migrations: ${name}.sql was edited after it was applied; restore it and write a new migration`)
    }
    if (applied === undefined && name < last) {
      throw new Error(`migrations: ${name}.sql is not applied, but the later ${last} is; give it the next number`)
    }
  }
}

async function run(client: pg.Client, files: readonly MigrationFile[], options: MigrateOptions): Promise<string[]> {
  // 18 ms of modules that only a migrator needs.
  const { runner } = await import('node-pg-migrate')
  let running = ''
  try {
    const applied = await runner({
      dbClient: client,
      dir: options.directory,
      // What we have read and verified is what runs, and its checksum is recorded in the same transaction.
      migrationLoaderStrategies: [
        {
          extensions: ['.sql'],
          loader: async () =>
            files.map((file) => ({
              id: `${file.name}.sql`,
              filePaths: [],
              actions: {
                up: (pgm) => {
                  running = `${file.name}.sql`
                  if (noTransaction.test(file.text)) pgm.noTransaction()
                  pgm.sql(file.text)
                  pgm.sql(`insert into ${checksumsTable} (name, sha256) values ('${file.name}', '${file.sha256}')`)
                },
                down: false,
              },
            })),
        },
      ],
      ignorePattern: '(?!.*\\.sql$).*',
      migrationsTable,
      direction: 'up',
      singleTransaction: false,
      // verify() and lock() are stricter.
      checkOrder: false,
      noLock: true,
      log: options.log,
    })
    return applied.map(({ name }) => name)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`migrations: ${running === '' ? 'the run' : running} failed: ${reason}`, { cause })
  }
}
