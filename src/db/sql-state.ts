import { DatabaseError } from '../errors.ts'

/** The server's five characters, from pg's error or ours; undefined when the server never answered. */
export function sqlStateOf(error: unknown): string | undefined {
  if (error instanceof DatabaseError) return error.sqlState
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  // Node's own codes, as EPIPE, can be five characters too; they never hold a digit first or a severity.
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && 'severity' in (error as object) ? code : undefined
}

export function undefinedTable(error: unknown): boolean {
  return sqlStateOf(error) === '42P01'
}
