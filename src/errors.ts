/** The environment can't be used; `problems` names every variable at fault, and never a value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(`configuration: ${problems.join('; ')}`)
    this.problems = problems
  }
}

/** A statement or a connection failed. `sqlState` is Postgres' five characters, absent when the server never answered. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError'
  readonly statement: string
  readonly sqlState: string | undefined

  constructor(statement: string, sqlState: string | undefined, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    super(`${statement}: ${reason}${sqlState === undefined ? '' : ` (SQLSTATE ${sqlState})`}`, { cause })
    this.statement = statement
    this.sqlState = sqlState
  }
}
