import { normaliseSql } from './fingerprint.ts'
import type { Queryable } from './queryable.ts'

/** One statement as pg_stat_statements counted it since its last reset: normalised text, times in milliseconds. */
export interface TopStatement {
  readonly query: string
  readonly calls: number
  readonly totalMs: number
  readonly meanMs: number
  readonly maxMs: number
}

/**
 * Where the time of the database went, dearest first: this database's statements of the service's own role. Undefined
 * where the extension is not there. https://www.postgresql.org/docs/18/pgstatstatements.html
 */
export async function selectTopStatements(db: Queryable, limit: number): Promise<TopStatement[] | undefined> {
  const [extension] = await db.query<{ schema: string }>({
    name: 'top_statements.extension',
    text: `select quote_ident(n.nspname) as schema from pg_extension e join pg_namespace n on n.oid = e.extnamespace
           where e.extname = 'pg_stat_statements'`,
  })
  if (extension === undefined) return undefined
  const rows = await db.query<TopStatement>({
    name: 'top_statements.list',
    text: `select query, calls::double precision as calls, total_exec_time as "totalMs", mean_exec_time as "meanMs",
                  max_exec_time as "maxMs"
           from ${extension.schema}.pg_stat_statements
           where dbid = (select oid from pg_database where datname = current_database())
             and userid = (select oid from pg_roles where rolname = current_user)
           order by total_exec_time desc, queryid limit $1`,
    values: [limit],
  })
  // The extension leaves literals of utility statements as they are, passwords among them.
  return rows.map((row) => ({ ...row, query: normaliseSql(row.query) }))
}
