import { undefinedTable } from './sql-state.ts'

/** `ahead`: the database knows migrations that this code does not, as in every rolling deploy. */
export interface MigrationStatus {
  readonly state: 'current' | 'behind' | 'ahead'
  /** Known to the code, not yet applied. */
  readonly missing: readonly string[]
  /** Applied, but unknown to the code. */
  readonly unknown: readonly string[]
}

export const migrationsTable = 'schema_migrations'
export const appliedMigrationsSql = `select name from ${migrationsTable} order by name`

/** One statement, so that a health check can afford it. `known`: the names of the code's own migrations. */
export async function migrationStatus(
  query: (text: string) => Promise<readonly { name: string }[]>,
  known: readonly string[],
): Promise<MigrationStatus> {
  const rows = await query(appliedMigrationsSql).catch((error: unknown) => {
    // A database that was never migrated has no such table.
    if (undefinedTable(error)) return []
    throw error
  })
  const applied = rows.map(({ name }) => name)
  const missing = known.filter((name) => !applied.includes(name))
  const unknown = applied.filter((name) => !known.includes(name))
  return { state: missing.length > 0 ? 'behind' : unknown.length > 0 ? 'ahead' : 'current', missing, unknown }
}
